"""The images on which models differ most."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from zoo.comparison.common_parts import CommonParts
from zoo.comparison.comparison import Disagreement
from zoo.metrics.logits import expit

MOST = 12


def find_disagreements(
    names: Sequence[str], order: Sequence[int], common: CommonParts, classes: Sequence[str]
) -> list[Disagreement]:
    """Return the images of which the models predict different classes, the largest difference first.

    Of several trainings of a model, the answer is that of their mean log odds.

    Args:
        names: The names of the models.
        order: The models in the order in which their answers are returned.
        common: The test parts that all were measured on.
        classes: The names of the classes.
    """
    scores = np.zeros((len(names), len(common.keys), len(classes)))
    decisions = np.zeros_like(scores)
    counts = np.zeros((len(names), len(common.keys), 1))
    files: dict[int, Path] = {}
    patients: dict[int, str] = {}
    for part in common.parts:
        for model, runs in enumerate(part.runs):
            for run in runs:
                scores[model, part.images] += run.odds
                decisions[model, part.images] += run.decisions
                counts[model, part.images] += 1
        run = part.runs[0][0]
        files |= dict(zip(part.images.tolist(), run.paths, strict=False))
        patients |= dict(zip(part.images.tolist(), run.groups or (), strict=False))
    scores /= counts
    called = decisions.argmax(axis=2)
    # the log odds of the true class against the rest, as probabilities
    true = expit(np.take_along_axis(scores, common.labels[None, :, None], axis=2)[:, :, 0])
    spread = true.max(axis=0) - true.min(axis=0)
    different: list[int] = np.flatnonzero((called != called[0]).any(axis=0)).tolist()
    chosen = sorted(different, key=lambda index: (-spread[index], common.keys[index]))[:MOST]
    return [
        Disagreement(
            key=common.keys[index],
            label=classes[int(common.labels[index])],
            patient=patients.get(index),
            answers={names[row]: classes[int(called[row, index])] for row in order},
            probabilities={names[row]: float(true[row, index]) for row in order},
            path=files.get(index),
        )
        for index in chosen
    ]
