"""The stress test of a classifier: its main measure on degraded images."""

from __future__ import annotations

from dataclasses import replace

from zoo.classifier import Classifier
from zoo.data.device_images import DeviceImages
from zoo.data.pixels.prepare import Pixels, Prepared
from zoo.device import Compute, without_tf32
from zoo.distributed.world import World
from zoo.errors import DataError
from zoo.evaluation.evaluation import Evaluation
from zoo.evaluation.inference import Inference
from zoo.evaluation.selection import Selection
from zoo.metrics import Result
from zoo.metrics.metrics_file import MAIN, StressTest
from zoo.progress import Reporter
from zoo.stress import stress_test


def stress_classifier(
    classifier: Classifier,
    prepared: Prepared,
    evaluation: Evaluation,
    *,
    selection: Selection,
    compute: Compute,
    progress: Reporter,
    world: World,
) -> StressTest:
    """Return what degradations do to the balanced accuracy of a classifier.

    Args:
        classifier: The classifier.
        prepared: The decoded images and their labels.
        evaluation: Its evaluation on the unchanged images.
        selection: Which of the images.
        compute: How to compute.
        progress: Shows progress.
        world: The processes, which share the work.
    """
    outputs = evaluation.outputs
    if (reason := evaluation.metrics.measures.reasons.get(MAIN)) and evaluation.metrics.measures.values[MAIN] is None:
        raise DataError(f"the stress test measures the balanced accuracy, which is undefined: {reason}")

    def measured(pixels: Pixels) -> Result:
        images = DeviceImages(pixels, compute.device)
        inference = Inference(images=images, compute=compute, world=world)
        with without_tf32():
            logits = inference.logits(classifier, selection.indices)
        return replace(outputs, logits=logits).measure()

    return stress_test(measured, prepared.pixels, measure=MAIN, progress=progress)
