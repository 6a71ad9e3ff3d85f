"""Which measures are undefined for a confusion matrix, and why.

scikit-learn and imbalanced-learn return 0 there. But a precision of 0 says that every positive prediction was wrong,
which is not the same as no positive prediction.
"""

from __future__ import annotations

from collections.abc import Iterable

from zoo.metrics.predictions import IntArray

PER_CLASS = ("precision", "recall", "specificity", "f1", "gmean", "iba")


def key(measure: str, name: str) -> str:
    """Return the name under which `reasons` has a measure of one class, such as `precision[benign]`."""
    return f"{measure}[{name}]"


def undefined_reasons(confusion: IntArray, classes: tuple[str, ...], *, minority: int) -> dict[str, str]:
    """Return the reason for every undefined measure, of one class or overall."""
    support = confusion.sum(axis=1).tolist()
    predicted = confusion.sum(axis=0).tolist()
    each = [
        _reasons_of_class(name, samples=samples, predicted=predictions, total=sum(support))
        for name, samples, predictions in zip(classes, support, predicted, strict=True)
    ]
    reasons = {
        key(measure, name): why for name, whys in zip(classes, each, strict=True) for measure, why in whys.items()
    }
    main = each[1:] if len(classes) == 2 else each
    present = [whys for whys, samples in zip(each, support, strict=True) if samples]
    overall = {
        "balanced_accuracy": _first_reason("recall", each),
        **{measure: _first_reason(measure, main) for measure in ("precision", "recall", "specificity", "f1")},
        "f1_macro": _first_reason("f1", each),
        "f1_minority": _first_reason("f1", [each[minority]]),
        "precision_weighted": _first_reason("precision", present),
        "specificity_weighted": _first_reason("specificity", present),
        "gmean": _first_reason("gmean", present),
        "iba": _first_reason("iba", present),
        "auroc": _first_reason("recall", each),
    }
    return reasons | {measure: why for measure, why in overall.items() if why}


def _reasons_of_class(name: str, *, samples: int, predicted: int, total: int) -> dict[str, str]:
    """Return the reason for every undefined measure of one class, from its samples and predictions."""
    whys = {}
    if predicted == 0:
        whys["precision"] = f"nothing was predicted as {name}"
    if samples == 0:
        whys |= dict.fromkeys(("recall", "f1", "gmean", "iba"), f"no sample is {name}")
    if samples == total:
        whys |= dict.fromkeys(("specificity", "gmean", "iba"), f"every sample is {name}")
    return whys


def _first_reason(measure: str, each: Iterable[dict[str, str]]) -> str:
    """Return the first reason for this measure, or an empty text if it is defined for all classes."""
    return next((whys[measure] for whys in each if measure in whys), "")
