"""Which measures a set of predictions leaves undefined, and why.

The libraries put 0 in such places. A precision of 0 says that every alarm was false, which is not the same as
no alarm.
"""

from __future__ import annotations

from collections.abc import Iterable

from zoo.metrics.predictions import IntArray

PER_CLASS = ("precision", "recall", "specificity", "f1", "gmean", "iba")


def key(measure: str, name: str) -> str:
    """Name a measure of one class, as `reasons` does."""
    return f"{measure}[{name}]"


def why_undefined(confusion: IntArray, classes: tuple[str, ...], *, minority: int) -> dict[str, str]:
    """Give the reason for every measure, of a class or over all, that has no value here."""
    support = confusion.sum(axis=1).tolist()
    predicted = confusion.sum(axis=0).tolist()
    each = [
        _of_class(name, samples=here, predicted=called, total=sum(support))
        for name, here, called in zip(classes, support, predicted, strict=True)
    ]
    reasons = {
        key(measure, name): why for name, whys in zip(classes, each, strict=True) for measure, why in whys.items()
    }
    main = each[1:] if len(classes) == 2 else each
    present = [whys for whys, here in zip(each, support, strict=True) if here]
    overall = {
        "balanced_accuracy": _first("recall", each),
        **{measure: _first(measure, main) for measure in ("precision", "recall", "specificity", "f1")},
        "f1_macro": _first("f1", each),
        "f1_minority": _first("f1", [each[minority]]),
        "precision_weighted": _first("precision", present),
        "specificity_weighted": _first("specificity", present),
        "gmean": _first("gmean", present),
        "iba": _first("iba", present),
        "auroc": _first("recall", each),
    }
    return reasons | {measure: why for measure, why in overall.items() if why}


def _of_class(name: str, *, samples: int, predicted: int, total: int) -> dict[str, str]:
    whys = {}
    if predicted == 0:
        whys["precision"] = f"nothing was predicted as {name}"
    if samples == 0:
        whys |= dict.fromkeys(("recall", "f1", "gmean", "iba"), f"no sample is {name}")
    if samples == total:
        whys |= dict.fromkeys(("specificity", "gmean", "iba"), f"every sample is {name}")
    return whys


def _first(measure: str, each: Iterable[dict[str, str]]) -> str:
    return next((whys[measure] for whys in each if measure in whys), "")
