"""Two models on the images that both were measured on: differences, tests and agreement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from zoo.comparison.common_parts import CommonParts
from zoo.comparison.comparison import McNemar, Pair
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.paired import differences_over_parts, holm, spread_between_trainings


def compare_pairs(names: Sequence[str], order: Sequence[int], common: CommonParts, margin: float | None) -> list[Pair]:
    """Return all pairs of models, with p-values corrected for their number.

    Args:
        names: The names of the models.
        order: The models, the best first.
        common: The test parts that all were measured on.
        margin: The margin of non-inferiority.
    """
    called = [[[run.called for run in runs] for runs in part.runs] for part in common.parts]
    one = common.parts[0] if len(common.parts) == 1 else None
    spread = spread_between_trainings([[run.training for run in runs] for runs in one.runs]) if one else None
    pairs = [_pair(names, first, second, common, called, spread, margin) for first, second in combinations(order, 2)]
    corrected = holm([pair.differences[MAIN].p for pair in pairs])
    return [replace(pair, corrected_p=p) for pair, p in zip(pairs, corrected, strict=True)]


def _pair(
    names: Sequence[str],
    first: int,
    second: int,
    common: CommonParts,
    called: Sequence[Sequence[Sequence[NDArray[np.int64]]]],
    spread: Mapping[str, tuple[float, float]] | None,
    margin: float | None,
) -> Pair:
    """Return two models with their differences."""
    differences = differences_over_parts([part.of(first, second) for part in common.parts], spread=spread)
    interval = differences[MAIN].interval if margin is not None else None
    same = [[np.mean(one == other) for one, other in product(part[first], part[second])] for part in called]
    return Pair(
        first=names[first],
        second=names[second],
        differences=differences,
        corrected_p=None,
        agreement=float(np.mean([np.mean(shares) for shares in same])),
        mcnemar=_mcnemar(first, second, common, called),
        first_not_worse=None if interval is None or margin is None else interval[0] > -margin,
        second_not_worse=None if interval is None or margin is None else interval[1] < margin,
    )


def _mcnemar(
    first: int, second: int, common: CommonParts, called: Sequence[Sequence[Sequence[NDArray[np.int64]]]]
) -> McNemar | None:
    """Return McNemar's test, or None if an image was answered by several trainings of a model."""
    answers = sum(len(part[model]) for part in called for model in (first, second))
    if answers > 2 * len(called) or sum(len(part.images) for part in common.parts) > len(common.keys):
        return None
    from scipy.special import bdtr

    right = [
        np.concatenate(
            [answer[model][0] == common.labels[part.images] for answer, part in zip(called, common.parts, strict=True)]
        )
        for model in (first, second)
    ]
    one, other = int(np.sum(right[0] & ~right[1])), int(np.sum(right[1] & ~right[0]))
    return McNemar(
        only_first_right=one,
        only_second_right=other,
        p=min(1.0, 2 * float(bdtr(min(one, other), one + other, 0.5))) if one + other else 1.0,
    )
