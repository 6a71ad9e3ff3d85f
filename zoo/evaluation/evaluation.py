"""The evaluation of a classifier on some images: its metrics, and a probability for each image and class."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from zoo.classifier import Classifier
from zoo.config.plain import plain
from zoo.data.device_images import DeviceImages
from zoo.data.manifest import Manifest, Sample, groups_of, labels_of
from zoo.data.pixels.prepare import Prepared
from zoo.device import Compute, without_tf32
from zoo.distributed.world import World
from zoo.errors import DataError
from zoo.evaluation.baseline_comparison import compare_with_baseline
from zoo.evaluation.calibration_effect import calibration_result, coverage_result
from zoo.evaluation.inference import SINGLE_PROCESS, score
from zoo.evaluation.predictions_csv import write_predictions
from zoo.evaluation.selection import Selection
from zoo.files import write_json
from zoo.metrics import measure
from zoo.metrics.logits import log_odds
from zoo.metrics.metrics_file import DatasetInfo, Metrics
from zoo.progress import Reporter
from zoo.runs import METRICS, PREDICTIONS

BATCH = 32
"""The batch size of evaluation; it is fixed, so that results do not depend on the batch size of training."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The metrics of a model, and the probabilities that they were computed from."""

    metrics: Metrics
    samples: tuple[Sample, ...]
    """The images that were evaluated."""
    logits: NDArray[np.float32]
    """The network's outputs, a row for each image."""
    probabilities: NDArray[np.float64]
    """A row for each image, a column for each class."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """The true class of each image, as an index into the classes."""
        return np.array(labels_of(self.samples, self.metrics.measures.classes))

    @property
    def groups(self) -> list[str] | None:
        """The patient of each image; None unless all are known."""
        return groups_of(self.samples)

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The predicted class of each image, as an index into the classes."""
        scores, threshold = log_odds(self.logits), self.metrics.threshold
        if threshold == 0.5:
            return np.asarray(scores.argmax(axis=1))
        cutoff = self.metrics.temperature * math.log(threshold / (1 - threshold))
        return np.asarray(scores[:, 1] > cutoff).astype(np.int64)

    def write(self, folder: Path) -> None:
        """Write metrics.json, and predictions.csv with one row for each image."""
        write_json(folder / METRICS, plain(self.metrics))
        write_predictions(
            folder / PREDICTIONS,
            self.samples,
            logits=self.logits,
            probabilities=self.probabilities,
            classes=self.metrics.measures.classes,
            predicted=self.predicted,
        )


def evaluate_classifier(
    classifier: Classifier,
    prepared: Prepared,
    *,
    selection: Selection,
    compute: Compute,
    progress: Reporter,
    world: World = SINGLE_PROCESS,
    coverage: float | None = None,
) -> Evaluation:
    """Return the evaluation of a classifier on some images of a data set.

    Args:
        classifier: The classifier.
        prepared: The decoded images and their labels.
        selection: Which of the images.
        compute: How to compute.
        progress: Shows progress.
        world: The processes, which share the work.
        coverage: That of the prediction sets to measure; None for none.
    """
    manifest = prepared.manifest
    check_same_classes(manifest, classifier)
    indices = selection.indices
    samples = tuple(manifest.samples[index] for index in indices)
    classifier.to(compute.device)
    images = DeviceImages(prepared.pixels, compute.device)
    with without_tf32():
        logits = score(classifier, images, indices, compute=compute, batch_size=BATCH, progress=progress, world=world)
    keys = [sample.key for sample in samples]
    probabilities = classifier.probabilities(torch.from_numpy(logits), images=keys).numpy()
    labels, groups = np.array(labels_of(samples, classifier.classes)), groups_of(samples)
    minority = _rarest_class(manifest)
    training, baseline, calibration = classifier.config.training, classifier.baseline, classifier.calibration
    compared = None
    if baseline is not None and world.chief:
        simple = baseline.logits(images, indices, progress)
        compared = compare_with_baseline(
            logits,
            simple,
            labels,
            classifier.classes,
            groups,
            minority=minority,
            images=baseline.images,
            temperature=calibration.divisor,
            threshold=calibration.threshold,
        )
    return Evaluation(
        metrics=Metrics(
            data=DatasetInfo(
                source=manifest.source,
                name=manifest.name,
                synthetic=manifest.synthetic,
                fingerprint=prepared.fingerprint,
            ),
            split=selection.part,
            training_seed=training.seed if training else None,
            measures=measure(
                labels=labels,
                logits=logits,
                classes=classifier.classes,
                groups=groups,
                minority=minority,
                temperature=calibration.divisor,
                threshold=calibration.threshold,
            ),
            seen=selection.seen,
            baseline=compared,
            calibration=calibration_result(classifier, logits, labels),
            coverage=None if coverage is None else coverage_result(classifier, probabilities, labels, groups, coverage),
        ),
        samples=samples,
        logits=logits,
        probabilities=probabilities,
    )


def _rarest_class(manifest: Manifest) -> str:
    """Return the class with the fewest images of the whole data set, so that all its parts have the same one.

    Of several, it is the first in the order of the classes.
    """
    images = Counter(sample.label for sample in manifest.samples)
    return min(manifest.classes, key=lambda name: images[name])


def check_same_classes(manifest: Manifest, classifier: Classifier) -> None:
    """Raise a DataError unless data and classifier have the same classes, in the same order."""
    if manifest.classes != classifier.classes:
        raise DataError(
            f"the data have the classes {', '.join(manifest.classes)}, "
            f"but the model has the classes {', '.join(classifier.classes)}",
            where=manifest.name,
        )
