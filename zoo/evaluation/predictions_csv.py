"""predictions.csv: what the model predicted for each image."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zoo.data.manifest import Sample
from zoo.files import write_csv

OF_BASELINE = "baseline_logit_"
"""What the names of the columns with the outputs of the simple model begin with."""


def write_predictions(
    path: Path,
    samples: Sequence[Sample],
    *,
    logits: NDArray[np.float32],
    probabilities: NDArray[np.float64],
    classes: Sequence[str],
    predicted: NDArray[np.int64],
    baseline: NDArray[np.floating] | None,
) -> None:
    """Write a row for each image: its key, patient and label, the predicted class, every probability and every logit.

    Args:
        path: The file.
        samples: The images.
        logits: The network's outputs, one column for each class, or a single one for the second of two classes.
        probabilities: One column for each class.
        classes: The names of the classes.
        predicted: The predicted class of each image, as a number.
        baseline: The outputs of the simple model beside the network, one column for each class; None if there is none.
    """
    outputs = classes if logits.shape[1] == len(classes) else classes[-1:]
    columns = [*(f"p_{name}" for name in classes), *(f"logit_{name}" for name in outputs)]
    simple = np.empty((len(samples), 0)) if baseline is None else baseline
    columns += [f"{OF_BASELINE}{name}" for name in classes[: simple.shape[1]]]
    rows = (
        [
            *(sample.key, sample.group or "", sample.label, classes[int(index)]),
            *(repr(float(p)) for p in chances),
            *(f"{value:.9g}" for row in values for value in row),
        ]
        for sample, index, chances, *values in zip(samples, predicted, probabilities, logits, simple, strict=True)
    )
    write_csv(path, ["key", "group", "label", "predicted", *columns], rows)


@dataclass(frozen=True, kw_only=True)
class StoredPredictions:
    """The predictions in a predictions.csv file, a row for each image."""

    keys: tuple[str, ...]
    labels: NDArray[np.int64]
    """The true class of each image, as an index into the classes."""
    groups: tuple[str, ...] | None
    """The patient of each image; None if one of them is not known."""
    logits: NDArray[np.float32]
    baseline: NDArray[np.float64] | None
    """The outputs of the simple model beside the network, a column for each class; None if there is none."""


def read_predictions(path: Path, *, classes: Sequence[str]) -> StoredPredictions:
    """Return the predictions in a file that `write_predictions` wrote.

    Args:
        path: The file.
        classes: The names of the classes.

    Raises:
        ValueError: The file is not such a file, or has other classes; the message says what is wrong.
    """
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        names = table.fieldnames or ()
        columns = [name for name in names if name.startswith("logit_")]
        simple = [f"{OF_BASELINE}{name}" for name in classes]
        if columns not in ([f"logit_{name}" for name in classes], [f"logit_{classes[-1]}"]):
            raise ValueError(f"it has no logits for the classes {', '.join(classes)}")
        rows = list(table)
    try:
        labels = [classes.index(row["label"]) for row in rows]
        logits = [[float(row[name]) for name in columns] for row in rows]
        baseline = [[float(row[name]) for name in simple] for row in rows] if set(simple) <= set(names) else None
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"it has a row that cannot be read: {error}") from error
    groups = tuple(row["group"] for row in rows)
    return StoredPredictions(
        keys=tuple(row["key"] for row in rows),
        labels=np.array(labels, dtype=np.int64),
        groups=groups if all(groups) else None,
        logits=np.array(logits, dtype=np.float32),
        baseline=None if baseline is None else np.array(baseline, dtype=np.float64),
    )
