"""predictions.csv: what the model predicted for each image."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from zoo.data.manifest import Sample
from zoo.files import write_text


def write_predictions(
    path: Path, samples: Sequence[Sample], probabilities: np.ndarray, *, classes: Sequence[str]
) -> None:
    """Write a row for each image: its key, patient and label, the predicted class and every class's probability."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["key", "group", "label", "predicted", *(f"p_{name}" for name in classes)])
    for sample, row in zip(samples, probabilities, strict=True):
        predicted = classes[int(row.argmax())]
        table.writerow([sample.key, sample.group or "", sample.label, predicted, *(f"{p:.9g}" for p in row)])
    write_text(path, text.getvalue())
