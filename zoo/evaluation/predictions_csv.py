"""predictions.csv: what the model predicted for each image."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zoo.data.manifest import Sample
from zoo.files import write_text
from zoo.metrics.logits import log_odds


def write_predictions(
    path: Path,
    samples: Sequence[Sample],
    *,
    logits: NDArray[np.float32],
    probabilities: NDArray[np.float64],
    classes: Sequence[str],
) -> None:
    """Write a row for each image: its key, patient and label, the predicted class, every probability and every logit.

    Args:
        path: The file.
        samples: The images.
        logits: The network's outputs, one column for each class, or a single one for the second of two classes.
        probabilities: One column for each class.
        classes: The names of the classes.
    """
    outputs = classes if logits.shape[1] == len(classes) else classes[-1:]
    predicted = log_odds(logits).argmax(axis=1)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    columns = [*(f"p_{name}" for name in classes), *(f"logit_{name}" for name in outputs)]
    table.writerow(["key", "group", "label", "predicted", *columns])
    for sample, index, chances, values in zip(samples, predicted, probabilities, logits, strict=True):
        numbers = [*(repr(float(p)) for p in chances), *(f"{value:.9g}" for value in values)]
        table.writerow([sample.key, sample.group or "", sample.label, classes[int(index)], *numbers])
    write_text(path, text.getvalue())
