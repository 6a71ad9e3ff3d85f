"""What is measured after training with one run of each model: the cost of a prediction, and degraded images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zoo.benchmark.benchmark_results import Extras
from zoo.benchmark.protocol import EXTRAS
from zoo.bundle.bundle_files import is_bundle
from zoo.config.plain import from_plain, plain
from zoo.files import read_json, write_json
from zoo.progress import Reporter
from zoo.runs.finished_run import FinishedRun

MAX_BYTES = 1_000_000
STARTED = "started"
"""When the training of the run started: a run that was deleted and trained again has the same name."""


def extras(folder: Path, part: str, run: FinishedRun, *, stress: bool, device: str, progress: Reporter) -> Extras:
    """Return what was measured before, with what is still missing.

    Args:
        folder: The folder of the benchmark, in which it is kept.
        part: The name of the part.
        run: The run.
        stress: Whether to degrade images.
        device: The device to compute on.
        progress: Shows progress.
    """
    from zoo.classifier import from_pretrained
    from zoo.classifier.cost import measure_cost
    from zoo.evaluation.evaluate import evaluate

    before = known_extras(folder, part, run)
    name = f"{part}/{run.run.path.name}"
    if not is_bundle(run.run.bundle):
        progress.say(f"{name}: no cost and no degraded images, since {run.run.path} has no weights any more")
        return before
    found: dict[str, Any] = {"cost": before.cost, "stress": before.stress}
    if before.cost is None:
        found["cost"] = measure_cost(from_pretrained(run.run.path), device=device)
    if before.stress is None and stress:
        progress.say(f"{name}: degrading the test images")
        found["stress"] = evaluate(run.run, stress=True, device=device, progress=progress).metrics.stress
    after = Extras(**found)
    if after != before:
        file = _file(folder, part, run)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_json(file, {STARTED: run.run.record.started, **plain(after)})
    return after


def known_extras(folder: Path, part: str, run: FinishedRun) -> Extras:
    """Return what was measured of a run before; nothing if the file is missing, damaged or of an earlier training."""
    try:
        document = dict(read_json(_file(folder, part, run), at_most=MAX_BYTES))
        same = document.pop(STARTED, None) == run.run.record.started
        return from_plain(Extras, document) if same else Extras()
    except (OSError, ValueError, TypeError):
        return Extras()


def _file(folder: Path, part: str, run: FinishedRun) -> Path:
    return folder / EXTRAS / part / f"{run.run.path.name}.json"
