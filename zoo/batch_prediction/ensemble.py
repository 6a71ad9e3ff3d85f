"""Several classifiers that answer together, and the symmetries of an image, averaged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from zoo.bundle.provenance import SYNTHETIC_ANSWERS
from zoo.calibration import UNCALIBRATED, Calibration
from zoo.calibration.threshold import DEFAULT
from zoo.classifier import Classifier, from_pretrained
from zoo.classifier.prediction import class_probabilities
from zoo.data.images import pixels, read_first_page
from zoo.device import Compute, without_tf32
from zoo.errors import UsageError
from zoo.gpu_memory import gpu_memory_errors


class Ensemble:
    """One classifier, or several whose class probabilities are averaged.

    Args:
        models: Classifiers, run folders, bundle folders or Hub ids.
        compute: How to compute.
        symmetries: Average over the symmetries of the image, too: all eight where the network's input is square, and
            the four that keep its shape otherwise.
        coverage: That of the prediction sets; None for none. Sets are calibrated for one model without symmetries.
        threshold: The decision threshold of two classes; by default the models' own, or 0.5 if they differ.
    """

    def __init__(
        self,
        models: Sequence[Classifier | str | Path],
        *,
        compute: Compute,
        symmetries: bool = False,
        coverage: float | None = None,
        threshold: float | Literal["validation"] | None = None,
    ) -> None:
        if not models:
            raise UsageError("no model was given")
        self.classifiers = [model if isinstance(model, Classifier) else from_pretrained(model) for model in models]
        self._compute, self._symmetries = compute, symmetries
        self.device = compute.device
        self.classes = self.classifiers[0].classes
        self.calibration = _common_threshold(self.classifiers)
        """The decision threshold of the averaged probabilities."""
        if threshold is not None:
            self.calibration = _with_threshold(self.classifiers, threshold)
        self.coverage, self._too_few = coverage, self._check_coverage(coverage)
        self._columns = [self._order(classifier) for classifier in self.classifiers]
        self.inputs = tuple(dict.fromkeys(model.config.preprocessing for model in self.classifiers))
        """The different ways to prepare an image; an image is decoded once for all of them."""
        for classifier in self.classifiers:
            compute.place(classifier.eval())

    @property
    def images_at_once(self) -> int:
        """How many images suit the device."""
        return min(self._compute.images_at_once(way.height, way.width) for way in self.inputs)

    @property
    def detects(self) -> bool:
        """Whether the models can tell that an image is unlike the training images."""
        return all(classifier.detector is not None for classifier in self.classifiers)

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the answers: how they are calibrated and decided, and what limits them."""
        several = len(self.classifiers) > 1
        each = {str(classifier.calibration) for classifier in self.classifiers}
        notes = [f"probabilities: {'the mean of models that are each ' if several else ''}{'; '.join(sorted(each))}"]
        thresholds = _thresholds(self.classifiers)
        if self.calibration.decision:
            notes.append(f"labels: {self.calibration.decision}")
        elif any(threshold != DEFAULT for threshold in thresholds):
            theirs = f"{', '.join(f'{threshold:.3f}' for threshold in thresholds)} for {self.classes[1]}"
            notes.append(f"labels: decision threshold {DEFAULT:g}, since those of the models differ: {theirs}")
        if self._too_few:
            notes.append(self._too_few)
        if any(classifier.config.trained_on_synthetic for classifier in self.classifiers):
            notes.append(SYNTHETIC_ANSWERS)
        return notes

    def _check_coverage(self, coverage: float | None) -> str:
        """Return which classes cannot be ruled out at this coverage, as text; raise a UsageError if it is no use."""
        if coverage is None:
            return ""
        if len(self.classifiers) > 1 or self._symmetries:
            raise UsageError(
                "prediction sets are calibrated for the answer of one model to the image as it is",
                hint="give one model, and no symmetries",
            )
        return self.calibration.check_coverage(coverage, self.classes)

    def read(self, path: Path) -> tuple[list[np.ndarray], bool]:
        """Return a decoded image, prepared in each of the ways in `inputs`, and whether it is the first of several."""
        image, only_first = read_first_page(path)
        return [pixels(image, preprocessing) for preprocessing in self.inputs], only_first

    @torch.no_grad()
    def answer(self, images: Sequence[Sequence[np.ndarray]]) -> tuple[Tensor, Tensor | None]:
        """Return the class probabilities of images as `read` prepares them, a row for each; a damaged model gives NaN.

        With them comes how unlike the training images each image is: of several models, the median; None if a model
        cannot tell.
        """
        hint = "use a smaller --batch-size, or --device cpu; nvidia-smi shows what else uses this GPU"
        with without_tf32(), gpu_memory_errors(f"with a batch of {len(images)} images", hint=hint):
            batches = {way: self._batch([image[number] for image in images]) for number, way in enumerate(self.inputs)}
            found = [
                self._one_model(classifier, batches[classifier.config.preprocessing]) for classifier in self.classifiers
            ]
        probabilities = torch.stack(
            [rows[:, columns] for (rows, _), columns in zip(found, self._columns, strict=True)]
        ).mean(dim=0)
        novelties = [novelty for _, novelty in found if novelty is not None]
        known = len(novelties) == len(found)
        return probabilities, torch.stack(novelties).quantile(0.5, dim=0) if known else None

    def _batch(self, arrays: list[np.ndarray]) -> Tensor:
        """Return images of one size as a batch on the device."""
        batch = torch.from_numpy(np.stack(arrays))
        if self._compute.device.type == "cuda":
            batch = batch.pin_memory()
        return batch.to(self._compute.device, non_blocking=True).permute(0, 3, 1, 2)

    def _one_model(self, classifier: Classifier, batch: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the class probabilities of one model, averaged over the symmetries if so chosen, and the novelty."""
        views = symmetric_views(batch) if self._symmetries else [batch]
        head, temperature = classifier.config.head, classifier.calibration.divisor
        outputs = [classifier.outputs(self._compute.arrange(classifier.normalize(view))) for view in views]
        rows = [class_probabilities(logits, head, temperature=temperature) for logits, _ in outputs]
        return torch.stack(rows).mean(dim=0), outputs[0][1]

    def _order(self, classifier: Classifier) -> list[int]:
        """Return the columns of a classifier in the order of the first one's classes."""
        if sorted(classifier.classes) != sorted(self.classes):
            raise UsageError(
                f"the models have different classes: {', '.join(self.classes)}, and {', '.join(classifier.classes)}"
            )
        return [classifier.classes.index(name) for name in self.classes]


def _common_threshold(classifiers: Sequence[Classifier]) -> Calibration:
    """Return the calibration with the decision threshold of these classifiers; 0.5 if they have different ones."""
    first, *others = _thresholds(classifiers)
    same = all(math.isclose(first, other) for other in others)
    return classifiers[0].calibration if same else UNCALIBRATED


def _thresholds(classifiers: Sequence[Classifier]) -> list[float]:
    """Return the decision thresholds of classifiers, each for the probability of the second class of the first one."""
    return [
        one.calibration.threshold if one.classes == classifiers[0].classes else 1 - one.calibration.threshold
        for one in classifiers
    ]


def _with_threshold(classifiers: Sequence[Classifier], threshold: float | Literal["validation"]) -> Calibration:
    """Return the calibration with a threshold that the user gives: for several models, a number."""
    first = classifiers[0]
    if threshold == "validation" and len(classifiers) > 1:
        raise UsageError("no decision threshold was chosen for the average of several models", hint="give a number")
    return first.calibration.with_threshold(threshold, classes=len(first.classes))


def symmetric_views(batch: Tensor) -> list[Tensor]:
    """Return a batch under the symmetries of a square, or those of a rectangle if it is not square."""
    flipped = [batch, batch.flip(-1), batch.flip(-2), batch.flip(-1, -2)]
    if batch.shape[-1] != batch.shape[-2]:
        return flipped
    return [*flipped, *(view.transpose(-1, -2) for view in flipped)]
