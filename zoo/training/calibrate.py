"""The calibration of a trained network on its validation part, which decides nothing else with `select: last`."""

from __future__ import annotations

import torch

from zoo.calibration import Calibration, choose_threshold, class_quantiles, fit_temperature
from zoo.classifier import Classifier
from zoo.classifier.prediction import class_probabilities
from zoo.config.recipe import Recipe
from zoo.data.device_images import DeviceImages
from zoo.data.manifest import groups_of
from zoo.device import Compute, without_tf32
from zoo.distributed.world import World
from zoo.evaluation.evaluation import BATCH
from zoo.evaluation.inference import score
from zoo.progress import Reporter
from zoo.training.training_data import TrainingData


def calibrate(
    classifier: Classifier,
    data: TrainingData,
    recipe: Recipe,
    *,
    compute: Compute,
    world: World,
    progress: Reporter,
) -> Calibration:
    """Return what is fitted on the validation part: a temperature, a decision threshold, quantiles for prediction sets.

    Args:
        classifier: The classifier, on the device, with the weights that are kept.
        data: The images, their labels and their split.
        recipe: It says which decision threshold to use.
        compute: How to compute.
        world: The processes, which share the work and all get the same result.
        progress: Shows progress and messages.
    """
    found = _fit(classifier, data, compute=compute, world=world)
    classes = len(classifier.classes)
    if recipe.threshold != 0.5 and (recipe.threshold != "validation" or found.best_threshold is not None):
        found = found.with_threshold(recipe.threshold, classes=classes)
    elif recipe.threshold == "validation":
        progress.say("no decision threshold could be chosen on the validation part; it is 0.5")
    progress.say(f"{found}")
    if found.decision:
        progress.say(found.decision)
    return found


def _fit(classifier: Classifier, data: TrainingData, *, compute: Compute, world: World) -> Calibration:
    """Return the calibration with the default threshold."""
    indices = data.split.val
    if not indices:
        return Calibration(reason="no validation part")
    images = DeviceImages(data.pixels, compute.device)
    with without_tf32():
        logits = score(classifier, images, indices, compute=compute, batch_size=BATCH, world=world)
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
