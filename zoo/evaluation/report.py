"""Measuring a classifier on held-out images."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zoo.classifier import Classifier
from zoo.data.device_images import DeviceImages
from zoo.data.manifest import Sample
from zoo.data.pixels.prepare import Prepared
from zoo.data.split.split import Split
from zoo.device import Compute, exactly
from zoo.distributed.world import World
from zoo.errors import DataError
from zoo.evaluation.probabilities import ALONE, score
from zoo.files import write_json, write_text
from zoo.metrics import Result, measure
from zoo.progress import Reporter
from zoo.runs import METRICS, PREDICTIONS

BATCH = 32
"""Evaluation's own batch size, so that a number does not depend on how the network was trained."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What was measured, and on what."""

    data: Mapping[str, Any]
    split: Mapping[str, Any]
    training_seed: int | None
    measures: Result
    samples: tuple[Sample, ...]
    probabilities: np.ndarray

    def as_dict(self) -> dict[str, Any]:
        """The document that metrics.json holds."""
        return {
            "data": dict(self.data),
            "split": dict(self.split),
            "training_seed": self.training_seed,
            "measures": self.measures.as_dict(),
        }

    def write(self, folder: Path) -> None:
        """metrics.json, and predictions.csv with one row for each image."""
        write_json(folder / METRICS, self.as_dict())
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        classes = self.measures.classes
        table.writerow(["key", "group", "label", "predicted", *(f"p_{name}" for name in classes)])
        for sample, row in zip(self.samples, self.probabilities, strict=True):
            predicted = classes[int(row.argmax())]
            table.writerow([sample.key, sample.group or "", sample.label, predicted, *(f"{p:.9g}" for p in row)])
        write_text(folder / PREDICTIONS, text.getvalue())


def evaluate_classifier(
    classifier: Classifier,
    prepared: Prepared,
    *,
    split: Split | None,
    part: str,
    compute: Compute,
    progress: Reporter,
    world: World = ALONE,
) -> Evaluation:
    """Measure on one part of a split, or without one on everything. Several processes share the work."""
    manifest = prepared.manifest
    if manifest.classes != classifier.classes:
        raise DataError(
            f"the data have the classes {', '.join(manifest.classes)}, "
            f"and the model knows {', '.join(classifier.classes)}",
            where=manifest.name,
        )
    indices = split.part(part) if split else tuple(range(len(manifest.samples)))
    if not indices:
        raise DataError(f"the {part} part of this split holds no image", where=manifest.name)
    samples = tuple(manifest.samples[index] for index in indices)
    classifier.to(compute.device)
    images = DeviceImages(prepared.pixels, compute.device)
    with exactly():
        probabilities = score(
            classifier, images, indices, compute=compute, batch_size=BATCH, progress=progress, world=world
        )
    number = {name: index for index, name in enumerate(classifier.classes)}
    groups = [sample.group for sample in samples if sample.group is not None]
    return Evaluation(
        data={
            "source": manifest.source,
            "name": manifest.name,
            "synthetic": manifest.synthetic,
            "fingerprint": prepared.fingerprint,
        },
        split={"unit": split.unit, "seed": split.seed, "part": part} if split else {"part": "all"},
        training_seed=classifier.config.training.get("seed"),
        measures=measure(
            labels=np.array([number[sample.label] for sample in samples]),
            probabilities=probabilities,
            classes=classifier.classes,
            groups=groups if len(groups) == len(samples) else None,
        ),
        samples=samples,
        probabilities=probabilities,
    )
