"""What a trained network's training and validation images decide after the training: how it answers, and when not.

With `select: last`, the validation part decides nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo.calibration import Calibration, Novelty, choose_threshold, class_quantiles, fit_temperature
from zoo.calibration.novelty import MAX_IMAGES, MIN_VALIDATION, NEIGHBORS, distance_limit
from zoo.classifier import Classifier
from zoo.classifier.head_features import head_features
from zoo.classifier.novelty_detector import NoveltyDetector, contrasts, neighbor_distances, unit_length
from zoo.classifier.prediction import class_probabilities
from zoo.data.device_images import DeviceImages
from zoo.data.manifest import groups_of
from zoo.device import Compute, without_tf32
from zoo.evaluation.inference import Inference
from zoo.progress import Reporter
from zoo.registry import outputs_for
from zoo.text import counted
from zoo.training.finetuning import head_layer
from zoo.training.setup import TrainingSetup
from zoo.training.training_data import TrainingData


@dataclass(frozen=True, kw_only=True)
class _Outputs:
    """What the network says of some images, a row for each."""

    logits: NDArray[np.float32]
    contrast: NDArray[np.float32]
    features: NDArray[np.float32]
    """The features that feed the head; without columns if there is no such layer."""


def calibrate(classifier: Classifier, setup: TrainingSetup, *, compute: Compute, progress: Reporter) -> None:
    """Give a trained classifier its calibration and its detector, and say what was fitted; all processes get the same.

    Args:
        classifier: The classifier, on the device, with the weights that are kept.
        setup: The training.
        compute: How to compute, in float32 also after a training in bfloat16.
        progress: Shows progress and messages.
    """
    data, threshold = setup.data, setup.plan.recipe.threshold
    indices = data.split.val
    if not indices:
        found = Calibration(reason="no validation part")
        progress.say("images unlike the training images cannot be detected: there is no validation part")
    else:
        network = _Network(classifier, setup, compute)
        validation = network.run(indices)
        found = _fit(classifier, validation.logits, data, indices)
        if why := _no_detector(network, len(indices)):
            progress.say(f"images unlike the training images cannot be detected: {why}")
        else:
            groups = groups_of([data.manifest.samples[index] for index in indices])
            detector = _fit_detector(network, validation, groups)
            classifier.detector = detector.to(compute.device).eval()
            found = replace(found, novelty=detector.novelty)
    classes = len(classifier.classes)
    if threshold != 0.5 and (threshold != "validation" or found.best_threshold is not None):
        found = found.with_threshold(threshold, classes=classes)
    elif threshold == "validation":
        progress.say("no decision threshold could be chosen on the validation part; it is 0.5")
    classifier.calibration = found
    progress.say(f"{found}")
    if found.decision:
        progress.say(found.decision)


class _Network:
    """The network with the features that feed its head."""

    def __init__(self, classifier: Classifier, setup: TrainingSetup, compute: Compute) -> None:
        self.classifier, self.data, self.compute = classifier, setup.data, compute
        images = DeviceImages(self.data.pixels, compute.device)
        self.inference = Inference(images=images, compute=compute, world=setup.world)
        classes = len(classifier.classes)
        self.outputs = outputs_for(classes, classifier.config.head)
        self.layer = head_layer(setup.plan.blueprint, classes)
        self.width = 0 if self.layer is None else self._width(self.layer)

    def _width(self, layer: str) -> int:
        """Return the number of features; 0 if the layer is not used exactly once, or takes something else."""
        size = self.classifier.config.preprocessing
        x = self.compute.arrange(torch.zeros((1, 3, size.height, size.width), device=self.compute.device))
        with torch.no_grad(), head_features(self.classifier.network, layer) as features:
            self.classifier.eval()(x)
        return features[0].shape[1] if len(features) == 1 and features[0].ndim == 2 else 0

    def run(self, indices: Sequence[int]) -> _Outputs:
        """Return what the network says of images."""
        with without_tf32():
            rows = self.inference.run(self.classifier, indices, self._rows, columns=self.outputs + 1 + self.width)
        return _Outputs(
            logits=rows[:, : self.outputs], contrast=rows[:, self.outputs], features=rows[:, self.outputs + 1 :]
        )

    def _rows(self, x: Tensor) -> Tensor:
        contrast = contrasts(x, self.classifier.mean, self.classifier.std)[:, None]
        if not self.width or self.layer is None:
            return torch.cat([self.classifier(x).float(), contrast], dim=1)
        with head_features(self.classifier.network, self.layer) as features:
            logits = self.classifier(x)
        return torch.cat([logits.float(), contrast, features[-1].float()], dim=1)


def _no_detector(network: _Network, validation: int) -> str:
    """Return why images unlike the training images cannot be detected; empty if they can."""
    if not network.width:
        return "no single layer returns the logits"
    if validation < MIN_VALIDATION:
        return f"only {counted(validation, 'validation image')}, and it takes {MIN_VALIDATION}"
    return ""


def _fit_detector(network: _Network, validation: _Outputs, groups: Sequence[str] | None) -> NoveltyDetector:
    """Return the detector of images unlike the training images."""
    train = network.data.split.train
    chosen = train if len(train) <= MAX_IMAGES else [train[at * len(train) // MAX_IMAGES] for at in range(MAX_IMAGES)]
    training = network.run(chosen)
    bank = unit_length(torch.from_numpy(training.features)).half()  # as it is stored
    distances = neighbor_distances(torch.from_numpy(validation.features), bank.float(), NEIGHBORS).numpy()
    novelty = Novelty(
        layer=network.layer or "",
        neighbors=NEIGHBORS,
        distance=max(distance_limit(distances, groups), 1e-3),
        contrast=float(training.contrast.min()),
    )
    return NoveltyDetector(novelty, bank)


def _fit(
    classifier: Classifier, logits: NDArray[np.float32], data: TrainingData, indices: Sequence[int]
) -> Calibration:
    """Return the calibration with the default threshold."""
    labels = data.labels[list(indices)]
    groups = groups_of([data.manifest.samples[index] for index in indices])
    temperature, reason = fit_temperature(logits, labels, groups=groups)
    own, calibrated = (
        class_probabilities(torch.from_numpy(logits), classifier.config.head, temperature=divisor).numpy()
        for divisor in (1.0, temperature or 1.0)
    )
    return Calibration(
        images=len(labels),
        patients=None if groups is None else len(set(groups)),
        temperature=temperature,
        reason=reason,
        best_threshold=choose_threshold(calibrated[:, 1], labels) if len(classifier.classes) == 2 else None,
        quantiles=class_quantiles(own, labels, groups=groups),
    )
