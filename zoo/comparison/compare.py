"""Compare runs, grids, bundles or Hub models on the same images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from zoo.comparison.answer import answer
from zoo.comparison.beside_baseline import beside_baseline
from zoo.comparison.common_parts import CommonParts, common_parts
from zoo.comparison.compared_model import ComparedModel, compared_models, models_of_grid
from zoo.comparison.comparison import Comparison, ModelResult
from zoo.comparison.disagreements import find_disagreements
from zoo.comparison.measured_run import MeasuredRun, evaluated, stored_predictions
from zoo.comparison.pairs import compare_pairs
from zoo.errors import UsageError, ZooError
from zoo.metrics.intervals import UNKNOWN_PATIENTS
from zoo.metrics.metrics_file import MAIN
from zoo.progress import Reporter, reporter_for
from zoo.runs import Run, is_run
from zoo.runs.grid_folder import GridFolder
from zoo.text import cut_short, listed


def compare(
    models: Sequence[str | Path | Run],
    *,
    data: str | None = None,
    root: str | Path | None = None,
    options: Mapping[str, Any] | None = None,
    margin: float | None = None,
    cost: bool = False,
    device: str = "auto",
    progress: Reporter | bool = True,
) -> Comparison:
    """Compare models on the same images: which is better, and how sure that is.

    Without `data`, `root` and `options`, finished runs are compared by the predictions of their test parts, which must
    be the same images.
    The models of a grid are compared over all their seeds and folds.

    Args:
        models: Runs, folders of runs, of bundles or of grids, or Hub ids; two or more models in all.
        data: The name of a data source, or a path whose layout is recognized.
        root: Path of the data.
        options: Options of the data source.
        margin: State for each pair whether a model is at most this much worse than the other, in balanced accuracy.
        cost: Measure what a prediction costs: multiply-adds, images per second on this machine, memory.
        device: `auto`, `cpu`, `cuda`, or a torch device such as `cuda:1`.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.

    Examples:
        >>> print(zoo.compare(["runs/dala-idc-1", "runs/resnet50-idc-1"]).sentence)
        dala is better than resnet50 by 0.031 balanced accuracy (95 % 0.004 to 0.058, p = 0.03); with 24 patients ...
    """
    if isinstance(models, str | Path | Run):
        models = [models]
    if margin is not None and not 0 < margin < 1:
        raise UsageError(f"the margin must be between 0 and 1, not {margin}")
    reporter = reporter_for(progress)

    def measure(model: str | Path | Run) -> MeasuredRun:
        path = Path(model).expanduser()
        own = data is None and root is None and not options
        if own and (isinstance(model, Run) or is_run(path)):
            return stored_predictions(Run.open(path))
        return evaluated(model, device=device, progress=reporter, data=data, root=root, options=options)

    found, notes = compared_models(models, measure)
    comparison = compare_models(found, notes=notes, margin=margin)
    return _with_cost(comparison, device, reporter) if cost else comparison


def compare_grid(folder: GridFolder) -> Comparison:
    """Return the comparison of the models of a grid by the stored predictions of its finished runs."""
    models, notes = models_of_grid(folder, stored_predictions)
    return compare_models(models, notes=notes)


def compare_models(
    models: Sequence[ComparedModel], *, notes: Sequence[str] = (), margin: float | None = None
) -> Comparison:
    """Return the comparison of models that were measured on the same images.

    Args:
        models: The models with their predictions.
        notes: What is missing.
        margin: The margin of non-inferiority, in balanced accuracy.
    """
    if len(models) < 2:
        raise UsageError("a comparison needs at least two models")
    common = common_parts(models)
    _check_classes_tested(models, common)
    first = common.parts[0].runs[0][0].metrics
    names = [model.name for model in models]
    results = [_result(model.name, common, index) for index, model in enumerate(models)]
    order = sorted(range(len(models)), key=lambda index: -(results[index].values[MAIN] or 0.0))
    ranked = tuple(results[index] for index in order)
    pairs = compare_pairs(names, order, common, margin)
    return Comparison(
        data=first.data.name,
        synthetic=first.data.synthetic,
        leaked=any(run.leaked for part in common.parts for runs in part.runs for run in runs),
        images=len(common.keys),
        patients=common.patients,
        trainings=common.trainings,
        models=ranked,
        pairs=tuple(pairs),
        disagreements=tuple(find_disagreements(names, order, common, first.measures.classes)),
        margin=margin,
        sentence=answer(ranked, pairs, images=len(common.keys), patients=common.patients),
        notes=(*notes, *_of_one_class(names, common), *_notes(common)),
    )


def _check_classes_tested(models: Sequence[ComparedModel], common: CommonParts) -> None:
    """Raise a UsageError unless a test part has images of every class: without, balanced accuracy is undefined."""
    classes = models[0].runs[0].metrics.measures.classes
    tested = [set(common.labels[part.images].tolist()) for part in common.parts]
    if any(len(labels) == len(classes) for labels in tested):
        return
    missing = [name for number, name in enumerate(classes) if number not in tested[0]]
    raise UsageError(
        f"the models cannot be compared: balanced accuracy is undefined, since no image that all were tested on is "
        f"{listed(missing)}",
        hint="give --data: images of every class that none of them has seen",
    )


def _result(name: str, common: CommonParts, model: int) -> ModelResult:
    """Return the measures of a model: for each, the mean over the parts of the means over the trainings of each."""
    parts = [part.runs[model] for part in common.parts]
    runs = [run for part in parts for run in part]
    training = runs[0].config.training
    values: dict[str, float | None] = {}
    deviations: dict[str, float] = {}
    for measure in runs[0].training.values:
        known = [[run.training.values[measure] for run in part] for part in parts]
        defined = [part for part in known if not np.isnan(part).any()]
        values[measure] = float(np.mean([np.mean(part) for part in defined])) if defined else None
        every = [value for part in defined for value in part]
        if len(every) > 1:
            deviations[measure] = float(np.std(every, ddof=1))
    return ModelResult(
        name=name,
        runs=tuple(run.path for run in runs),
        parameters=training.parameters if training else None,
        values=values,
        deviations=deviations,
        intervals={
            measure: interval
            for measure, interval in runs[0].metrics.measures.intervals.items()
            if interval is not None
        }
        if len(runs) == 1
        else {},
        beside_baseline=beside_baseline(runs),
    )


def _of_one_class(names: Sequence[str], common: CommonParts) -> list[str]:
    """Return a note for each model that gives all images of a test part the same class."""
    notes = []
    for model, name in enumerate(names):
        runs = [run for part in common.parts for run in part.runs[model]]
        if found := sum(len(set(run.called.tolist())) == 1 for run in runs):
            notes.append(f"{found} of {len(runs)} trainings of {name} give all images the same class")
    return notes


def _notes(common: CommonParts) -> list[str]:
    """Return what the comparison does not show, or leaves out."""
    notes = []
    if common.left_out:
        notes.append(
            "runs measured on images that not all models were measured on are left out: "
            f"{cut_short(common.left_out, 4)}"
        )
    counts = {len(runs) for part in common.parts for runs in part.runs}
    if len(common.parts) == 1 and 1 in counts:
        notes.append(
            "the models were trained once: another training of each may come out differently"
            if counts == {1}
            else "a model that was trained once is taken to vary between trainings as much as the others"
        )
    if common.patients is None:
        notes.append(UNKNOWN_PATIENTS)
    return notes


def _with_cost(comparison: Comparison, device: str, progress: Reporter) -> Comparison:
    """Return the comparison with what a prediction of each model costs, and a note where that cannot be measured."""
    from zoo.classifier import from_pretrained
    from zoo.classifier.cost import measure_cost

    models, notes = [], [*comparison.notes]
    with progress.track("measuring the cost of a prediction", len(comparison.models), "models") as task:
        for model in comparison.models:
            try:
                models.append(replace(model, cost=measure_cost(from_pretrained(model.runs[0]), device=device)))
            except ZooError as error:
                models.append(model)
                notes.append(f"the cost of {model.name} is not measured: {error.message}")
            task.advance()
    return replace(comparison, models=tuple(models), notes=tuple(notes))
