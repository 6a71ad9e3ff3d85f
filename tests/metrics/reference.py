"""The measures as scikit-learn and imbalanced-learn compute them: what the zoo's own formulas are compared with."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import numpy as np
from imblearn.metrics import classification_report_imbalanced
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    cohen_kappa_score,
    log_loss,
    matthews_corrcoef,
    roc_auc_score,
)

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


def reference_measures(
    labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]
) -> tuple[dict[str, float], dict[str, Any]]:
    """Return the measures over all classes, and those of each class."""
    report = imbalanced_report(labels, probabilities.argmax(axis=1), classes)
    by_class = _per_class(labels, probabilities, classes, report)
    return _overall(labels, probabilities, by_class, report), by_class


def _per_class(
    labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str], report: dict[str, Any]
) -> dict[str, Any]:
    """Return the measures of each class, 0 where one is undefined."""
    found = {}
    for index, name in enumerate(classes):
        found[name] = {measure: report[str(index)][column] for measure, column in COLUMNS.items()}
        truth, scores = labels == index, probabilities[:, index].astype(np.float64)
        areas = {"auroc": roc_auc_score, "average_precision": average_precision_score}
        found[name] |= {
            measure: float(area(truth, scores)) if 0 < truth.sum() < len(truth) else 0.0
            for measure, area in areas.items()
        }
    return found


def _overall(
    labels: np.ndarray, probabilities: np.ndarray, by_class: dict[str, Any], report: dict[str, Any]
) -> dict[str, float]:
    """Return the measures over all classes, 0 where one is undefined; areas only where every class has samples."""
    count = len(by_class)
    predictions = probabilities.argmax(axis=1)
    names = (*COLUMNS, "auroc", "average_precision")
    each = {name: [values[name] for values in by_class.values()] for name in names}
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
        **{f"{name}_macro": macro[name] for name in ("precision", "recall", "specificity", "gmean", "iba")},
        "brier": brier(labels, normalized),
        "calibration_error": calibration_error(labels, normalized),
        "precision_weighted": report["avg_pre"],
        "recall_weighted": report["avg_rec"],
        "specificity_weighted": report["avg_spe"],
        "gmean": report["avg_geo"],
        "iba": report["avg_iba"],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found["mcc"] = float(matthews_corrcoef(labels, predictions))
        found["cohen_kappa"] = float(cohen_kappa_score(labels, predictions, labels=list(range(count))))
    if len(np.unique(labels)) == count:
        found["auroc"], found["average_precision"] = main["auroc"], main["average_precision"]
    return found


def brier(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the Brier score, from 0 to 1 for any number of classes."""
    one_hot = np.eye(probabilities.shape[1])[labels]
    given: Any = {"scale_by_half": True, "labels": list(range(probabilities.shape[1]))}
    if probabilities.shape[1] == 2:
        return float(brier_score_loss(one_hot[:, 1], probabilities[:, 1], labels=[0, 1]))
    return float(brier_score_loss(labels, probabilities, **given))


def calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the expected calibration error: 15 groups of equally many images, those of a probability in one group."""
    predictions = probabilities.argmax(axis=1)
    sure = probabilities[np.arange(len(labels)), predictions].round(12).tolist()
    small, larger = divmod(len(labels), 15)
    group_of_place = [group for group in range(15) for _ in range(small + (group < larger))]
    groups: dict[int, list[tuple[float, bool]]] = {}
    for value, right in zip(sure, (predictions == labels).tolist(), strict=True):
        places = [place for place, other in enumerate(sorted(sure)) if other == value]
        groups.setdefault(group_of_place[places[(len(places) - 1) // 2]], []).append((value, right))
    return sum(abs(sum(value - right for value, right in members)) for members in groups.values()) / len(labels)


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
