"""The evaluation of a classifier on some images: its metrics, and a probability for each image and class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from zoo.bundle.provenance import Provenance
from zoo.classifier import Classifier
from zoo.config.plain import plain
from zoo.data.device_images import DeviceImages
from zoo.data.image_scale import image_scale
from zoo.data.manifest import Manifest, Sample, groups_of, labels_of
from zoo.data.pixels.prepare import Prepared
from zoo.device import Compute, without_tf32
from zoo.distributed.world import World
from zoo.errors import DataError
from zoo.evaluation.baseline_comparison import compare_with_baseline
from zoo.evaluation.by_column import break_down, values_of
from zoo.evaluation.calibration_effect import calibration_result, coverage_result, novelty_result
from zoo.evaluation.inference import Inference
from zoo.evaluation.measured_images import images_hash
from zoo.evaluation.predictions_csv import write_predictions
from zoo.evaluation.selection import Selection
from zoo.files import write_json
from zoo.gpu_memory import gpu_memory_errors
from zoo.metrics.metrics_file import DatasetInfo, Metrics
from zoo.metrics.outputs import Outputs
from zoo.metrics.patient_answers import patient_answers
from zoo.metrics.scale_change import ImageScale, scale_change
from zoo.progress import Reporter
from zoo.runs import METRICS, PREDICTIONS


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
    novelty: NDArray[np.float32] | None = None
    """How unlike the training images each image is: above 1, it is; None for a model that cannot tell."""
    baseline_logits: NDArray[np.float64] | None = None
    """The outputs of the simple model, a row for each image; None for a model without one."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """The true class of each image, as an index into the classes."""
        return np.array(labels_of(self.samples, self.metrics.measures.classes))

    @property
    def groups(self) -> list[str] | None:
        """The patient of each image; None unless all are known."""
        return groups_of(self.samples)

    @property
    def outputs(self) -> Outputs:
        """The network's outputs, as they were measured."""
        return self.metrics.outputs(labels=self.labels, logits=self.logits, groups=self.groups)

    def write(self, folder: Path) -> None:
        """Write metrics.json, and predictions.csv with one row for each image."""
        write_json(folder / METRICS, plain(self.metrics))
        write_predictions(
            folder / PREDICTIONS,
            self.samples,
            logits=self.logits,
            probabilities=self.probabilities,
            classes=self.metrics.measures.classes,
            predicted=self.outputs.called,
            baseline=self.baseline_logits,
        )


def evaluate_classifier(
    classifier: Classifier,
    prepared: Prepared,
    *,
    selection: Selection,
    compute: Compute,
    progress: Reporter,
    world: World,
    by: Sequence[str] = (),
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
        by: Columns of the manifest for whose values the measures are computed too.
        coverage: That of the prediction sets to measure; None for none.
    """
    manifest = prepared.manifest
    check_same_classes(manifest, classifier)
    indices = selection.indices
    samples = tuple(manifest.samples[index] for index in indices)
    for column in by:
        values_of(samples, column)  # too many values are an error before the work
    classifier.to(compute.device)
    images = DeviceImages(prepared.pixels, compute.device)
    inference = Inference(images=images, compute=compute, progress=progress, world=world)
    with without_tf32(), gpu_memory_errors("while images are evaluated"):
        scores = inference.scores(classifier, indices)
    logits = scores.logits
    keys = [sample.key for sample in samples]
    probabilities = classifier.probabilities(torch.from_numpy(logits), images=keys).numpy()
    labels, groups = np.array(labels_of(samples, classifier.classes)), groups_of(samples)
    training, baseline, calibration = classifier.config.training, classifier.baseline, classifier.calibration
    outputs = Outputs(
        labels=labels,
        logits=logits,
        classes=classifier.classes,
        groups=groups,
        minority=_rarest_class(manifest),
        temperature=calibration.divisor,
        threshold=calibration.threshold,
    )
    compared = simple = None
    if baseline is not None and world.chief:
        simple = baseline.logits(images, indices, progress)
        compared = compare_with_baseline(outputs, simple, images=baseline.images)
    return Evaluation(
        metrics=Metrics(
            data=DatasetInfo(
                source=manifest.source,
                name=manifest.name,
                synthetic=manifest.synthetic,
                fingerprint=prepared.fingerprint,
            ),
            split=replace(selection.part, images_hash=images_hash(prepared, indices)),
            training_seed=training.seed if training else None,
            measures=outputs.measure(),
            seen=selection.seen,
            baseline=compared,
            patients=patient_answers(outputs),
            breakdowns=tuple(break_down(samples, column, outputs) for column in by) or None,
            scale=scale_change(trained_scale(training), image_scale(samples)) if training else None,
            calibration=calibration_result(classifier, logits, labels),
            novelty=novelty_result(scores.novelty, groups),
            coverage=None if coverage is None else coverage_result(classifier, probabilities, labels, groups, coverage),
        ),
        samples=samples,
        logits=logits,
        probabilities=probabilities,
        novelty=scores.novelty,
        baseline_logits=simple,
    )


def trained_scale(training: Provenance) -> ImageScale | None:
    """Return the scale of the images of a training; a bundle of an older version states at most its magnification."""
    if training.data.scale is not None:
        return training.data.scale
    stated = training.data.options.get("magnification")
    if not isinstance(stated, int) or not stated:
        return None
    return ImageScale(magnifications={str(stated): sum(training.data.images.values())}, width=None, height=None)


def _rarest_class(manifest: Manifest) -> str:
    """Return the class with the fewest images of the whole data set, so that all its parts have the same one.

    Of several, it is the first by name, whatever the order of a model's classes. A class of the model that the data
    lack is not taken.
    """
    images = Counter(sample.label for sample in manifest.samples)
    return min((name for name in manifest.classes if images[name]), key=lambda name: (images[name], name))


def check_same_classes(manifest: Manifest, classifier: Classifier) -> None:
    """Raise a DataError unless data and classifier have the same classes, in the same order."""
    if manifest.classes != classifier.classes:
        raise DataError(
            f"the data have the classes {', '.join(manifest.classes)}, "
            f"but the model has the classes {', '.join(classifier.classes)}",
            where=manifest.name,
            hint="name the model's class for each class of the data: --map DATA_CLASS=MODEL_CLASS,...",
        )
