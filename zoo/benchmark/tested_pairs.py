"""The pairs that a protocol asks about, tested on the same images: two models of a part, or a model in two parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from zoo.benchmark.benchmark_results import TestedPair
from zoo.benchmark.finished_part import FinishedPart
from zoo.comparison import compare_grid
from zoo.comparison.common_images import on_common_images, stored_pairs
from zoo.errors import UsageError
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.paired import Difference, holm
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
        found = on_common_images(stored_pairs(runs, other.runs.get(model, ())))
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


def _reversed(difference: Difference) -> Difference:
    """Return the second model minus the first."""
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
    corrected = holm([pair.differences[MAIN].p if MAIN in pair.differences else None for pair in pairs])
    return [replace(pair, corrected_p=p) for pair, p in zip(pairs, corrected, strict=True)]
