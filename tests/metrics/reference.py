"""The measures as scikit-learn and imbalanced-learn compute them: what the zoo's own formulas are compared with."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import numpy as np
from imblearn.metrics import classification_report_imbalanced
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

COLUMNS = {
    "precision": "pre",
    "recall": "rec",
    "specificity": "spe",
    "f1": "f1",
    "gmean": "geo",
    "iba": "iba",
    "support": "sup",
}
"""What imbalanced-learn's report calls the measures of a class."""


def per_class_measures(labels: np.ndarray, predictions: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """Return the measures of each class, 0 where one is undefined."""
    report = imbalanced_report(labels, predictions, classes)
    return {
        name: {measure: report[str(index)][column] for measure, column in COLUMNS.items()}
        for index, name in enumerate(classes)
    }


def overall_measures(labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]) -> dict[str, float]:
    """Return the measures over all classes, 0 where one is undefined; AUROC only where every class has samples."""
    count = len(classes)
    predictions = probabilities.argmax(axis=1)
    report = imbalanced_report(labels, predictions, classes)
    each = {name: [report[str(index)][column] for index in range(count)] for name, column in COLUMNS.items()}
    macro = {name: fmean(values) for name, values in each.items()}
    main = {name: values[1] for name, values in each.items()} if count == 2 else macro
    double = probabilities.astype(np.float64)
    normalized = double / double.sum(axis=1, keepdims=True)
    found = {
        "accuracy": float(accuracy_score(labels, predictions)),
        "loss": float(log_loss(labels, normalized, labels=list(range(count)))),
        "balanced_accuracy": macro["recall"],
        **{name: main[name] for name in ("precision", "recall", "specificity", "f1")},
        "f1_macro": macro["f1"],
        "f1_minority": each["f1"][each["support"].index(min(each["support"]))],
        "f1_weighted": report["avg_f1"],
        "precision_weighted": report["avg_pre"],
        "recall_weighted": report["avg_rec"],
        "specificity_weighted": report["avg_spe"],
        "gmean": report["avg_geo"],
        "iba": report["avg_iba"],
    }
    if len(np.unique(labels)) == count:
        positives = [1] if count == 2 else range(count)
        found["auroc"] = fmean(float(roc_auc_score(labels == index, double[:, index])) for index in positives)
    return found


def imbalanced_report(labels: np.ndarray, predictions: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """Return imbalanced-learn's report, the classes by their number as text."""
    numbers = list(range(len(classes)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        report: dict[str, Any] = classification_report_imbalanced(
            labels,
            predictions,
            labels=numbers,
            target_names=[str(number) for number in numbers],
            alpha=0.1,
            output_dict=True,
            zero_division=0,
        )
    return report
