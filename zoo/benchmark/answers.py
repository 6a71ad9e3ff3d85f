"""The results of a benchmark, from its finished runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zoo.benchmark.benchmark_results import BenchmarkResults, ModelFacts, PartFacts, TestedPair
from zoo.benchmark.extras import extras, known_extras
from zoo.benchmark.finished_part import FinishedPart
from zoo.benchmark.models_over_runs import model_facts
from zoo.benchmark.protocol import Protocol
from zoo.benchmark.sentences import answer
from zoo.benchmark.tested_pairs import tested_pairs
from zoo.config.benchmark_config import BenchmarkConfig
from zoo.config.plain import plain
from zoo.data.split.split import PARTS
from zoo.progress import Reporter
from zoo.runs.finished_run import FinishedRun
from zoo.version import __version__

STATED = ("data", "recipe", "init", "seeds", "split", "split_file")
"""Keywords of a grid that the results state elsewhere."""


def answer_parts(
    protocol: Protocol,
    config: BenchmarkConfig,
    parts: Sequence[FinishedPart],
    folder: Path,
    progress: Reporter,
    *,
    measure: bool,
) -> BenchmarkResults:
    """Return the results of the finished runs.

    Args:
        protocol: The protocol.
        config: The configuration.
        parts: The runs of each part.
        folder: The folder of the benchmark.
        progress: Shows progress.
        measure: Whether cost and stress are measured where they are not yet.
    """
    runs = [run for part in parts for run in part.every_run]
    models, pairs = [], tested_pairs(parts)
    for part in parts:
        for model, found in part.runs.items():
            if found:
                name = part.planned.part.name
                if measure:
                    device = str(config.passed.get("device", "auto"))
                    more = extras(folder, name, found[0], stress=config.stress, device=device, progress=progress)
                else:
                    more = known_extras(folder, name, found[0])
                models.append(model_facts(name, model, found, more))
    return BenchmarkResults(
        version=__version__,
        protocol=protocol.name,
        title=protocol.title,
        obtain=protocol.obtain,
        unit=protocol.unit,
        limits=protocol.limits,
        budget=config.budget,
        init=config.init,
        seeds=len(parts[0].planned.config.all_seeds),
        data=runs[0].record.data.name if runs else None,
        synthetic=any(run.metrics.data.synthetic for run in runs),
        classes=runs[0].record.data.images if runs else {},
        parts=tuple(_part_facts(part, models, pairs, protocol, config) for part in parts),
        models=tuple(models),
        pairs=tuple(pairs),
        failures={name: text for part in parts for name, text in part.failures.items()},
    )


def _part_facts(
    part: FinishedPart,
    models: Sequence[ModelFacts],
    pairs: Sequence[TestedPair],
    protocol: Protocol,
    config: BenchmarkConfig,
) -> PartFacts:
    """Return the question and the answer of a part, with the images that it was measured on."""
    planned, runs = part.planned, part.every_run
    of_part = [pair for pair in pairs if pair.part == planned.part.name]
    split = runs[0].record.split if runs else None
    return PartFacts(
        name=planned.part.name,
        question=planned.part.question,
        answer=answer(planned.part, of_part, [one for one in models if one.part == planned.part.name], protocol.unit),
        models=planned.models,
        against=planned.part.against,
        split=str(planned.part.settings.get("split", "auto")),
        recipe=planned.part.recipe,
        settings={
            name: plain(value)
            for name, value in planned.keywords.items()
            if name not in STATED and name not in config.passed
        },
        runs=len(runs),
        of=len(planned.config.cells),
        images={name: getattr(split.images, name) for name in PARTS} if split else {},
        patients={name: getattr(split.patients, name) for name in PARTS} if split and split.patients else {},
        shared_patients=split.shared_patients if split else 0,
        computing=_computing(runs),
    )


def _computing(runs: Sequence[FinishedRun]) -> str:
    """Return how some runs were computed: once for each device, such as a GPU and, elsewhere, a CPU."""
    known = {run.record.resolved.device: run.record.resolved.computing for run in runs}
    return "; ".join(known[device] for device in sorted(known))
