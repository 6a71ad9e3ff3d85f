"""The pairs that a protocol asks about, tested on the same images: two models of a part, or a model in two parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from zoo.benchmark.benchmark_results import TestedPair
from zoo.benchmark.finished_part import FinishedPart
from zoo.comparison import compare_grid
from zoo.comparison.common_images import on_common_images
from zoo.comparison.measured_run import stored_predictions
from zoo.errors import UsageError
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.paired import Difference, holm
from zoo.runs.finished_run import FinishedRun
from zoo.runs.grid_folder import GridFolder


def tested_pairs(parts: Sequence[FinishedPart]) -> list[TestedPair]:
    """Return the pairs of all parts, with p-values corrected for the number of pairs of the same part."""
    of_name = {part.planned.part.name: part for part in parts}
    return [
        pair
        for part in parts
        for pair in _corrected(
            _of_models(part)
            if part.planned.part.against is None
            else _of_parts(part, of_name[part.planned.part.against])
        )
    ]


def _of_models(part: FinishedPart) -> list[TestedPair]:
    """Return the pairs of models of one part that have finished runs on the same images."""
    asked = part.planned.part.chosen_pairs(part.planned.models)
    if not any(part.runs[one] and part.runs[two] for one, two in asked):
        return []
    try:
        comparison = compare_grid(GridFolder(part.planned.path))
    except UsageError:  # the models have finished no fold in common yet, or their test images are of one class
        return []
    found: dict[tuple[str, str], Mapping[str, Difference]] = {}
    for pair in comparison.pairs:
        found[pair.first, pair.second] = pair.differences
        found[pair.second, pair.first] = {name: _reversed(one) for name, one in pair.differences.items()}
    return [
        TestedPair(
            part=part.planned.part.name,
            model=None,
            first=one,
            second=two,
            images=comparison.images,
            patients=comparison.patients,
            differences=found[one, two],
            corrected_p=None,
        )
        for one, two in asked
        if (one, two) in found
    ]


def _of_parts(part: FinishedPart, other: FinishedPart) -> list[TestedPair]:
    """Return each model of a part beside the same model of another part, on the images that both test."""
    pairs = []
    for model, runs in part.runs.items():
        both = _same_seeds_and_folds(runs, other.runs.get(model, ()))
        found = on_common_images([(stored_predictions(one.run), stored_predictions(two.run)) for one, two in both])
        if found is not None:
            pairs.append(
                TestedPair(
                    part=part.planned.part.name,
                    model=model,
                    first=part.planned.part.name,
                    second=other.planned.part.name,
                    images=found.images,
                    patients=found.patients,
                    differences=found.differences,
                    corrected_p=None,
                )
            )
    return pairs


def _same_seeds_and_folds(
    runs: Sequence[FinishedRun], others: Sequence[FinishedRun]
) -> list[tuple[FinishedRun, FinishedRun]]:
    """Return the runs with those of the same seed, and of the same fold if both are of a cross-validation."""
    return [
        (run, other)
        for run in runs
        for other in others
        if run.seed == other.seed and (run.fold == other.fold or None in (run.fold, other.fold))
    ]


def _reversed(difference: Difference) -> Difference:
    """Return the second model less the first."""
    low, high = difference.interval or (0.0, 0.0)
    return replace(
        difference,
        first=difference.second,
        second=difference.first,
        value=-difference.value,
        interval=(-high, -low) if difference.interval else None,
    )


def _corrected(pairs: Sequence[TestedPair]) -> list[TestedPair]:
    """Return pairs with corrected p-values."""
    p_values = {
        index: p
        for index, pair in enumerate(pairs)
        if MAIN in pair.differences and (p := pair.differences[MAIN].p) is not None
    }
    corrected = dict(zip(p_values, holm([*p_values.values()]), strict=True))
    return [replace(pair, corrected_p=corrected.get(index)) for index, pair in enumerate(pairs)]
