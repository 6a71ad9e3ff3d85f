"""The formulas of every measure that follows from a confusion matrix, for any number of matrices at once.

The definitions are those of scikit-learn and imbalanced-learn, which are too slow to call once for each patient; tests
compare the values with theirs. An undefined measure is NaN, where the libraries return 0.
"""

from __future__ import annotations

import numpy as np

from zoo.metrics.predictions import FloatArray, IntArray

IBA_ALPHA = 0.1
"""The weight of recall minus specificity in the index of balanced accuracy; imbalanced-learn's default."""


def confusion_matrices(
    labels: IntArray, predictions: IntArray, *, classes: int, units: IntArray | None = None
) -> FloatArray:
    """Return the confusion matrix of each unit, [units, classes, classes]: rows truth, columns prediction.

    Args:
        labels: The true class of each sample.
        predictions: The predicted class of each sample.
        classes: The number of classes.
        units: The unit of each sample; all samples are one unit if it is left out.
    """
    unit = np.zeros_like(labels) if units is None else units
    count = int(unit.max()) + 1
    cells = (unit * classes + labels) * classes + predictions
    flat = np.bincount(cells, minlength=count * classes * classes)
    return flat.reshape(count, classes, classes).astype(np.float64)


def per_class(matrices: FloatArray) -> dict[str, FloatArray]:
    """Return the measures of each class against the rest, [..., classes, classes] to [..., classes]."""
    total = matrices.sum(axis=(-2, -1), keepdims=True)[..., 0]
    right = np.diagonal(matrices, axis1=-2, axis2=-1)
    support = matrices.sum(axis=-1)
    predicted = matrices.sum(axis=-2)
    recall = _ratio(right, support)
    specificity = _ratio(np.maximum(total - support - predicted + right, 0), total - support)  # shares are rounded
    return {
        "precision": _ratio(right, predicted),
        "recall": recall,
        "specificity": specificity,
        "f1": np.where(support > 0, _ratio(2 * right, support + predicted), np.nan),
        "gmean": np.sqrt(recall * specificity),
        "iba": (1 + IBA_ALPHA * (recall - specificity)) * recall * specificity,
        "support": support,
    }


def overall(matrices: FloatArray, *, minority: int) -> dict[str, FloatArray]:
    """Return the measures of `Result.values` that follow from counts, [..., classes, classes] to [...].

    `gmean` and `iba` are means over the classes weighted by their samples: of sqrt(recall * specificity), and of
    (1 + 0.1 (recall - specificity)) * recall * specificity, as in the "avg / total" row of imbalanced-learn's report.
    Defined like this, the IBA is close to the square of the G-mean. The table of Liu 2023 prints an IBA within 0.004
    of its G-mean in all places but one: that column must be defined otherwise, and is not comparable.
    """
    each = per_class(matrices)
    support = each.pop("support")
    total = support.sum(axis=-1)
    macro = {name: values.mean(axis=-1) for name, values in each.items()}
    weighted = {
        name: _ratio(np.where(support > 0, values * support, 0).sum(axis=-1), total) for name, values in each.items()
    }
    main = {name: values[..., 1] for name, values in each.items()} if support.shape[-1] == 2 else macro
    return {
        "accuracy": _ratio(np.trace(matrices, axis1=-2, axis2=-1), total),
        "balanced_accuracy": macro["recall"],
        "precision": main["precision"],
        "recall": main["recall"],
        "specificity": main["specificity"],
        "f1": main["f1"],
        "f1_macro": macro["f1"],
        "f1_weighted": weighted["f1"],
        "f1_minority": each["f1"][..., minority],
        "precision_weighted": weighted["precision"],
        "recall_weighted": weighted["recall"],
        "specificity_weighted": weighted["specificity"],
        "gmean": weighted["gmean"],
        "iba": weighted["iba"],
    }


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return part / whole, and NaN where `whole` is 0."""
    empty = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    return np.asarray(np.divide(part, whole, out=empty, where=whole > 0))
