"""Evaluation of several models, of folders of runs, and of grids, on the same data or each on its own test part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.bundle.bundle_files import is_bundle
from zoo.distributed.rank import is_chief
from zoo.errors import RunError, UsageError, ZooError
from zoo.evaluation.evaluate import evaluate
from zoo.evaluation.evaluation import Evaluation
from zoo.files import write_csv
from zoo.progress import Reporter, reporter_for
from zoo.runs import BUNDLE, Run, is_run, named_folder

TABLE = "table.csv"


@dataclass(frozen=True, kw_only=True)
class Evaluations:
    """The evaluations of several models, by the name of the model: that of its folder, or its Hub id."""

    evaluated: Mapping[str, Evaluation]
    failures: Mapping[str, ZooError]
    """The errors of models that could not be evaluated."""
    unfinished: tuple[str, ...]
    """The runs in the given folders that have no bundle yet, and were left out."""

    @property
    def same_images(self) -> bool:
        """Whether all models were measured on the same images."""
        images = {
            (one.metrics.data.fingerprint, tuple(sample.key for sample in one.samples))
            for one in self.evaluated.values()
        }
        return len(images) == 1

    def write_table(self, folder: Path) -> None:
        """Write table.csv, with a row for each model and measure."""
        rows: list[list[object]] = []
        for name, evaluation in self.evaluated.items():
            metrics = evaluation.metrics
            found, seen = metrics.measures, metrics.seen
            leaked = ""  # not known
            if seen is not None and (seen.known or seen.leaked):
                leaked = "yes" if seen.leaked else "no"
            about = [found.positive, found.samples, found.groups, metrics.data.name, leaked]
            for measure, value in found.values.items():
                low, high = found.intervals.get(measure) or (None, None)
                rows.append([name, measure, value, low, high, *about, found.reasons.get(measure)])
        about_columns = ["positive", "images", "patients", "data", "leaked"]
        write_csv(folder / TABLE, ["model", "measure", "value", "low", "high", *about_columns, "note"], rows)


def evaluate_many(
    models: Sequence[str | Path | Run],
    *,
    each: Callable[[str, str | Path, Evaluation], None] | None = None,
    progress: Reporter | bool = True,
    **given: Any,
) -> Evaluations:
    """Evaluate several models; one that cannot be evaluated does not stop the others.

    Args:
        models: Runs, folders of runs or of bundles, Hub ids, and folders with several of them, such as that of a grid.
        each: Called with the name, the model and its evaluation as soon as it is known.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.
        given: The other arguments of `zoo.evaluate`, which are the same for all models.

    Returns:
        The evaluations, and the errors of models that could not be evaluated. If all of them have the same error, it is
        raised.

    Examples:
        >>> found = zoo.evaluate_many(["runs/grid-1"], data="hospital.csv")
        >>> {name: one.metrics.measures.values["auroc"] for name, one in found.evaluated.items()}
    """
    reporter = reporter_for(progress)
    named, unfinished = find_models(models)
    evaluated: dict[str, Evaluation] = {}
    failures: dict[str, ZooError] = {}
    for number, (name, model) in enumerate(named.items(), 1):
        if len(named) > 1 and is_chief():
            reporter.say(f"evaluating {name} ({number} of {len(named)})")
        try:
            evaluated[name] = evaluate(model, progress=reporter, **given)
        except ZooError as error:
            failures[name] = error
            continue
        if each is not None:
            each(name, model, evaluated[name])
    if not evaluated and len({str(error) for error in failures.values()}) == 1:
        raise next(iter(failures.values()))
    return Evaluations(evaluated=evaluated, failures=failures, unfinished=unfinished)


def find_models(models: Sequence[str | Path | Run]) -> tuple[dict[str, str | Path], tuple[str, ...]]:
    """Return models by a name of their own, and the runs that have no bundle yet.

    Args:
        models: Runs, folders of runs or of bundles, Hub ids, and folders that contain runs or bundles.
    """
    if isinstance(models, str | Path | Run) or not models:
        raise UsageError("give a list of models")
    found: list[str | Path] = []
    unfinished: list[str] = []
    for model in models:
        path = Path(model).expanduser()
        inside = models_in(path)
        if not inside:
            found.append(path if isinstance(model, Run) or path.exists() else str(model))
            continue
        ready = [one for one in inside if not is_run(one) or is_bundle(one / BUNDLE)]
        unfinished += [one.name for one in inside if one not in ready]
        if not ready:
            raise RunError("none of the runs in this folder is finished", where=str(path))
        found += ready
    unique = list({str(one.resolve()) if isinstance(one, Path) else one: one for one in found}.values())
    return dict(zip(_names(unique), unique, strict=True)), tuple(unfinished)


def models_in(path: Path) -> list[Path]:
    """Return the runs and bundles in a folder that is neither; none if it is a model, or no folder."""
    try:
        if not path.is_dir() or is_run(path) or is_bundle(path):
            return []
        return sorted(one for one in path.iterdir() if is_run(one) or is_bundle(one))
    except OSError:  # what cannot be read is not found, and the error of the model says so
        return []


def _names(models: Sequence[str | Path]) -> list[str]:
    """Return a short name for each model, which can be that of a folder: `dala-1`, or `grid-1-dala-1` if need be.

    No two names are the same.
    """
    parts = [_parts(model) for model in models]
    short = Counter(one[-1] for one in parts)
    names = [one[-1] if short[one[-1]] == 1 else "-".join(one[-2:]) for one in parts]
    twice = Counter(names)
    apart = [name if twice[name] == 1 else f"{name}-{number}" for number, name in enumerate(names, 1)]
    return apart if len(set(apart)) == len(apart) else [f"{name}-{number}" for number, name in enumerate(names, 1)]


def _parts(model: str | Path) -> tuple[str, ...]:
    """Return the names of a model's folder and of those around it; `bundle` in a run means the run."""
    if isinstance(model, str):
        return (model.replace("/", "-"),)
    return named_folder(model).parts
