"""Several classifiers that answer together, and the symmetries of an image, averaged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from zoo.calibration import UNCALIBRATED, Calibration
from zoo.classifier import Classifier, from_pretrained
from zoo.classifier.prediction import class_probabilities
from zoo.data.images import pixels, read_image
from zoo.device import Compute, without_tf32
from zoo.errors import UsageError


class Ensemble:
    """One classifier, or several whose class probabilities are averaged.

    Args:
        models: Classifiers, run folders, bundle folders or Hub ids.
        compute: How to compute.
        symmetries: Average over the symmetries of the image, too: all eight where the network's input is square, and
            the four that keep its shape otherwise.
    """

    def __init__(
        self, models: Sequence[Classifier | str | Path], *, compute: Compute, symmetries: bool = False
    ) -> None:
        if not models:
            raise UsageError("no model was given")
        self.classifiers = [model if isinstance(model, Classifier) else from_pretrained(model) for model in models]
        self._compute, self._symmetries = compute, symmetries
        self.device = compute.device
        self.classes = self.classifiers[0].classes
        self.calibration = _common_threshold(self.classifiers)
        """The decision threshold of the averaged probabilities."""
        self._columns = [self._order(classifier) for classifier in self.classifiers]
        self.inputs = tuple(dict.fromkeys(model.config.preprocessing for model in self.classifiers))
        """The different ways to prepare an image; an image is decoded once for all of them."""
        for classifier in self.classifiers:
            compute.place(classifier.eval())

    def read(self, path: Path) -> list[np.ndarray]:
        """Return a decoded image, prepared in each of the ways in `inputs`."""
        image = read_image(path)
        return [pixels(image, preprocessing) for preprocessing in self.inputs]

    @torch.no_grad()
    def probabilities(self, images: Sequence[Sequence[np.ndarray]]) -> Tensor:
        """Return the class probabilities of images as returned by `read`, a row for each; a damaged model gives NaN."""
        batches = {way: self._batch([image[number] for image in images]) for number, way in enumerate(self.inputs)}
        with without_tf32():
            return torch.stack(
                [
                    self._one_model(classifier, batches[classifier.config.preprocessing])[:, columns]
                    for classifier, columns in zip(self.classifiers, self._columns, strict=True)
                ]
            ).mean(dim=0)

    def _batch(self, arrays: list[np.ndarray]) -> Tensor:
        """Return images of one size as a batch on the device."""
        batch = torch.from_numpy(np.stack(arrays))
        if self._compute.device.type == "cuda":
            batch = batch.pin_memory()
        return batch.to(self._compute.device, non_blocking=True).permute(0, 3, 1, 2)

    def _one_model(self, classifier: Classifier, batch: Tensor) -> Tensor:
        """Return the class probabilities of one model, averaged over the symmetries if so chosen."""
        views = symmetric_views(batch) if self._symmetries else [batch]
        head, temperature = classifier.config.head, classifier.calibration.divisor
        outputs = [classifier(self._compute.arrange(classifier.normalize(view))) for view in views]
        rows = [class_probabilities(logits, head, temperature=temperature) for logits in outputs]
        return torch.stack(rows).mean(dim=0)

    def _order(self, classifier: Classifier) -> list[int]:
        """Return the columns of a classifier in the order of the first one's classes."""
        if sorted(classifier.classes) != sorted(self.classes):
            raise UsageError(
                f"the models have different classes: {', '.join(self.classes)}, and {', '.join(classifier.classes)}"
            )
        return [classifier.classes.index(name) for name in self.classes]


def _common_threshold(classifiers: Sequence[Classifier]) -> Calibration:
    """Return the calibration with the decision threshold of these classifiers; 0.5 if they have different ones."""
    first, *others = (classifier.calibration for classifier in classifiers)
    return first if all(other.threshold == first.threshold for other in others) else UNCALIBRATED


def symmetric_views(batch: Tensor) -> list[Tensor]:
    """Return a batch under the symmetries of a square, or those of a rectangle if it is not square."""
    flipped = [batch, batch.flip(-1), batch.flip(-2), batch.flip(-1, -2)]
    if batch.shape[-1] != batch.shape[-2]:
        return flipped
    return [*flipped, *(view.transpose(-1, -2) for view in flipped)]
