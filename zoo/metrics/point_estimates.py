"""The values themselves, from scikit-learn and imbalanced-learn."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from imblearn.metrics import classification_report_imbalanced
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, roc_auc_score

from zoo.metrics.confusion import IBA_ALPHA
from zoo.metrics.predictions import IntArray, Predictions
from zoo.metrics.undefined import PER_CLASS, key, why_undefined

_REPORT = dict(zip(PER_CLASS, ("pre", "rec", "spe", "f1", "geo", "iba"), strict=True))
"""What imbalanced-learn's report calls the measures."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """What the predictions give, before anything is resampled."""

    confusion: IntArray
    minority: int
    """The class with the fewest samples; of equals, the first."""
    values: dict[str, float | None]
    per_class: dict[str, dict[str, float | None]]
    reasons: dict[str, str]


def point(samples: Predictions) -> Point:
    """Work out every value, with None and a reason where there is none."""
    indices = range(len(samples.classes))
    confusion = confusion_matrix(samples.labels, samples.predictions, labels=list(indices))
    minority = int(confusion.sum(axis=1).argmin())
    reasons = why_undefined(confusion, samples.classes, minority=minority)
    report = _report(samples)
    values: dict[str, float | None] = {
        **_from_counts(samples, report, minority),
        "loss": float(log_loss(samples.labels, samples.normalised, labels=list(indices))),
        "auroc": None if "auroc" in reasons else _auroc(samples),
    }
    per_class: dict[str, dict[str, float | None]] = {}
    for index, name in zip(indices, samples.classes, strict=True):
        row = report[str(index)]
        per_class[name] = {
            measure: None if key(measure, name) in reasons else float(row[short]) for measure, short in _REPORT.items()
        }
        per_class[name]["support"] = int(row["sup"])
    return Point(
        confusion=confusion,
        minority=minority,
        values={name: None if name in reasons else value for name, value in values.items()},
        per_class=per_class,
        reasons=reasons,
    )


def _report(samples: Predictions) -> dict[str, Any]:
    """Ask imbalanced-learn. Its 0 for what is undefined, and its warning, give way to our reasons."""
    indices = list(range(len(samples.classes)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        report: dict[str, Any] = classification_report_imbalanced(
            samples.labels,
            samples.predictions,
            labels=indices,
            target_names=[str(index) for index in indices],
            alpha=IBA_ALPHA,
            output_dict=True,
            zero_division=0,
        )
    return report


def _from_counts(samples: Predictions, report: dict[str, Any], minority: int) -> dict[str, float]:
    """Take all that follows from the confusion matrix.

    `gmean` and `iba` are the "avg / total" row of imbalanced-learn's report, means over the classes weighted
    by their samples: of sqrt(recall * specificity), and of
    (1 + 0.1 (recall - specificity)) * recall * specificity.
    So defined, the IBA lies near the square of the G-mean. The table of Liu 2023 prints an IBA within 0.004
    of its G-mean in all places but one: that column must be defined otherwise, and is not comparable.
    """
    each = {
        measure: [float(report[str(index)][short]) for index in range(len(samples.classes))]
        for measure, short in _REPORT.items()
    }
    macro = {measure: fmean(values) for measure, values in each.items()}
    main = {measure: values[1] for measure, values in each.items()} if len(samples.classes) == 2 else macro
    return {
        "accuracy": float(accuracy_score(samples.labels, samples.predictions)),
        "balanced_accuracy": macro["recall"],
        "precision": main["precision"],
        "recall": main["recall"],
        "specificity": main["specificity"],
        "f1": main["f1"],
        "f1_macro": macro["f1"],
        "f1_weighted": float(report["avg_f1"]),
        "f1_minority": each["f1"][minority],
        "precision_weighted": float(report["avg_pre"]),
        "recall_weighted": float(report["avg_rec"]),
        "specificity_weighted": float(report["avg_spe"]),
        "gmean": float(report["avg_geo"]),
        "iba": float(report["avg_iba"]),
    }


def _auroc(samples: Predictions) -> float:
    """Take the area under the ROC curve: of the positive class, or the mean over each against the rest."""
    return fmean(
        float(roc_auc_score(samples.labels == index, samples.probabilities[:, index])) for index in samples.positives
    )
