"""Two models on the images that both were tested on, although their splits may differ.

Neither model was trained on these images. So the difference between a model whose data were split by image and one
whose data were split by patient is what the leak of the former is worth: only it was trained on other images of the
same patients.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from zoo.comparison.measured_run import MeasuredRun, stored_predictions
from zoo.metrics.paired import Difference, TestPart, differences_over_parts, spread_between_trainings
from zoo.runs.finished_run import FinishedRun

Pair = tuple[MeasuredRun, MeasuredRun]
"""A training of the first model and one of the second."""


@dataclass(frozen=True, kw_only=True)
class OnCommonImages:
    """The differences of two models on the images that both were tested on."""

    differences: Mapping[str, Difference]
    """The first model's measure minus the second's, by the name of the measure."""
    images: int
    patients: int | None
    """None if the patients are not known."""


def on_common_images(pairs: Sequence[Pair]) -> OnCommonImages | None:
    """Return the differences of two models over pairs of their trainings; None if no pair has an image in common.

    Pairs with the same images are several trainings of both models on one test part; others are parts of their own.

    Args:
        pairs: A training of the first model and one of the second, for each seed.
    """
    parts: dict[tuple[str, ...], list[Pair]] = defaultdict(list)
    for first, second in pairs:
        if common := set(first.keys) & set(second.keys):
            pair = _chosen(first, common), _chosen(second, common)
            parts[pair[0].keys].append(pair)
    if not parts:
        return None
    groups = [one.groups for (one, _), *_ in parts.values()]
    known = all(group is not None for group in groups)
    names = sorted({name for group, keys in zip(groups, parts, strict=True) for name in (known and group) or keys})
    number = {name: place for place, name in enumerate(names)}
    tested = []
    for keys, members in parts.items():
        one = members[0][0]
        units = sorted(set(one.groups)) if known and one.groups else keys
        images = one.config.training.split.images if one.config.training else None
        tested.append(
            TestPart(
                first=[first.training for first, _ in members],
                second=[second.training for _, second in members],
                units=np.array([number[name] for name in units]),
                held_out=images.test / images.train if images and images.train else 0.0,
            )
        )
    spread = spread_between_trainings([tested[0].first, tested[0].second]) if len(tested) == 1 else None
    return OnCommonImages(
        differences=differences_over_parts(tested, spread=spread),
        images=len({key for keys in parts for key in keys}),
        patients=len(names) if known else None,
    )


def stored_pairs(runs: Sequence[FinishedRun], others: Sequence[FinishedRun]) -> list[Pair]:
    """Return the predictions of runs with those of the same seed, and of the same fold if both are of folds."""
    return [
        (stored_predictions(run.run), stored_predictions(other.run))
        for run in runs
        for other in others
        if run.seed == other.seed and (run.fold == other.fold or None in (run.fold, other.fold))
    ]


def _chosen(run: MeasuredRun, keys: set[str]) -> MeasuredRun:
    """Return the predictions of a run for some of its images."""
    places = [place for place, key in enumerate(run.keys) if key in keys]
    return replace(
        run,
        keys=tuple(run.keys[place] for place in places),
        labels=run.labels[places],
        groups=None if run.groups is None else tuple(run.groups[place] for place in places),
        logits=run.logits[places],
        baseline_logits=None if run.baseline_logits is None else run.baseline_logits[places],
        paths=tuple(run.paths[place] for place in places) if run.paths else (),
    )
