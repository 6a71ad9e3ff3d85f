"""The simple baseline of a model: fitted on its training images, and stored in its bundle as baseline.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo.baseline.image_statistics import STATISTICS, image_statistics
from zoo.baseline.logistic_regression import FloatArray, LogisticRegression, fit_logistic_regression
from zoo.config.plain import from_plain
from zoo.data.device_images import DeviceImages
from zoo.data.split.split import Split
from zoo.progress import Reporter

FORMAT = 2
"""Raised whenever the statistics change: an older baseline is then not used."""
MAX_TRAINING, MAX_VALIDATION = 3000, 1000
"""Of more images, this many are taken, spread evenly over the list."""
RAREST = 300
"""Of each class, one in this many of these is taken at least: a class without any would never be predicted."""
_BATCH = 64


@dataclass(frozen=True, kw_only=True)
class BaselineDocument:
    """The contents of baseline.json."""

    format: int
    images: int
    """How many training images it was fitted on."""
    penalty: float
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A logistic regression on the statistics of images, and how many images it was fitted on."""

    regression: LogisticRegression
    images: int

    def logits(self, images: DeviceImages, indices: Sequence[int], progress: Reporter) -> FloatArray:
        """Return the logits of images, a row for each index."""
        return self.regression.logits(_statistics(images, indices, progress))

    def to_document(self) -> dict[str, Any]:
        """Return the contents of baseline.json."""
        return {
            "format": FORMAT,
            "images": self.images,
            "penalty": self.regression.penalty,
            "mean": self.regression.mean.tolist(),
            "scale": self.regression.scale.tolist(),
            "weights": self.regression.weights.tolist(),
            "bias": self.regression.bias.tolist(),
        }

    @classmethod
    def from_document(cls, document: object, *, classes: int) -> Baseline | None:
        """Return the baseline in a document from anybody; None if another version of histozoo fitted it.

        Raises:
            ValueError: The document is not a baseline for this many classes; the message says why.
        """
        if isinstance(document, dict) and document.get("format") != FORMAT:
            return None
        read = from_plain(BaselineDocument, document)
        regression = LogisticRegression(
            mean=np.array(read.mean),
            scale=np.array(read.scale),
            weights=np.array(read.weights, dtype=np.float64),
            bias=np.array(read.bias),
            penalty=read.penalty,
        )
        count = (len(STATISTICS),)
        shapes = [regression.mean.shape, regression.scale.shape, regression.weights.shape, regression.bias.shape]
        if shapes != [count, count, (classes, *count), (classes,)]:
            raise ValueError(f"it is not for {classes} classes and {len(STATISTICS)} statistics")
        numbers = np.concatenate([value.ravel() for value in (regression.weights, regression.bias, regression.mean)])
        if not np.isfinite(numbers).all() or not (regression.scale > 0).all():
            raise ValueError("its numbers must be finite, and its scale positive")
        return cls(regression=regression, images=read.images)


def fit_baseline(
    images: DeviceImages, split: Split, labels: NDArray[np.integer], classes: int, progress: Reporter
) -> Baseline:
    """Return the baseline fitted on the training part, with the penalty chosen on the validation part.

    Args:
        images: The images.
        split: The parts.
        labels: The class of each image, as a number.
        classes: How many classes there are.
        progress: Shows progress.
    """
    train = _chosen(split.train, labels, MAX_TRAINING)
    validation = _chosen(split.val, labels, MAX_VALIDATION)
    found = _statistics(images, [*train, *validation], progress)
    regression = fit_logistic_regression(
        found[: len(train)],
        labels[train],
        classes,
        validation=(found[len(train) :], labels[validation]) if validation else None,
    )
    return Baseline(regression=regression, images=len(train))


def _chosen(indices: Sequence[int], labels: NDArray[np.integer], most: int) -> list[int]:
    """Return `most` of the indices, spread evenly, and a few more of each class that is too rare among these."""
    least = max(1, most // RAREST)
    chosen = dict.fromkeys(_spread(indices, most))
    if len(chosen) == len(indices):
        return list(chosen)
    of_class: dict[int, list[int]] = {}
    for index in indices:
        of_class.setdefault(int(labels[index]), []).append(index)
    for members in of_class.values():
        if sum(index in chosen for index in members) < min(least, len(members)):
            chosen |= dict.fromkeys(_spread(members, least))
    return list(chosen)


def _spread(indices: Sequence[int], most: int) -> list[int]:
    """Return at most `most` of the indices, spread evenly."""
    if len(indices) <= most:
        return list(indices)
    return [indices[position * len(indices) // most] for position in range(most)]


def _statistics(images: DeviceImages, indices: Sequence[int], progress: Reporter) -> FloatArray:
    """Return the statistics of images, a row for each index."""
    rows = []
    with progress.track("describing colors and textures", len(indices), "images") as task:
        for start in range(0, len(indices), _BATCH):
            chosen = indices[start : start + _BATCH]
            rows.append(image_statistics(images.take(chosen)).cpu().numpy())
            task.advance(len(chosen))
    return np.concatenate(rows) if rows else np.empty((0, len(STATISTICS)))
