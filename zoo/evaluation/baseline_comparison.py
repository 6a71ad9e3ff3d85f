"""Is the network worth it? Its measures beside those of a simple model on the same images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zoo.metrics import measure
from zoo.metrics.metrics_file import BaselineResult
from zoo.metrics.paired import paired_differences
from zoo.metrics.predictions import check_predictions


def compare_with_baseline(
    logits: NDArray[np.floating],
    simple: NDArray[np.floating],
    labels: NDArray[np.integer],
    classes: Sequence[str],
    groups: Sequence[str] | None,
    *,
    minority: str,
    images: int,
    temperature: float = 1.0,
    threshold: float = 0.5,
) -> BaselineResult:
    """Return the measures of a simple model, and the differences of the network from them.

    Args:
        logits: The network's outputs.
        simple: The outputs of the simple model.
        labels: The true class of each image, as a number.
        classes: The names of the classes.
        groups: The patient of each image; None if not known.
        minority: The class of `f1_minority`.
        images: How many images the simple model was fitted on.
        temperature: What the network's outputs are divided by.
        threshold: The network's decision threshold.
    """
    network = check_predictions(
        labels=labels, logits=logits, classes=classes, groups=groups, temperature=temperature, threshold=threshold
    )
    regression = check_predictions(labels=labels, logits=simple, classes=classes, groups=groups)
    return BaselineResult(
        images=images,
        largest_class=float(np.bincount(labels).max() / len(labels)),
        measures=measure(labels=labels, logits=simple, classes=classes, groups=groups, minority=minority),
        differences=paired_differences([network], [regression], minority=list(classes).index(minority)),
    )
