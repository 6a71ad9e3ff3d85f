"""What measuring gives back: values, their intervals, and why some could not be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from zoo.errors import DataError

Unit = Literal["patient", "image"]
Interval = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Result:
    """The numbers of one set of predictions. What is undefined is None, and `reasons` says why."""

    classes: tuple[str, ...]
    positive: str | None
    """The last of two classes; None when there are more."""
    samples: int
    groups: int | None
    """How many patients; None when nobody said who the patients are."""
    values: Mapping[str, float | None]
    """`precision`, `recall`, `specificity`, `f1` and `auroc` are those of the positive class, or with more
    than two classes the mean over the classes. `f1_minority` is that of the class with the fewest samples.
    `gmean`, `iba` and every `…_weighted` are means over the classes weighted by their samples."""
    per_class: Mapping[str, Mapping[str, float | None]]
    confusion: tuple[tuple[int, ...], ...]
    """Rows are the truth, columns the prediction."""
    intervals: Mapping[str, Interval | None]
    reasons: Mapping[str, str]
    """Why a value or an interval is None. A class's value has the key `precision[benign]`."""
    notes: tuple[str, ...]
    """What a reader of the intervals has to know."""
    unit: Unit
    """What was resampled."""
    level: float
    resamples: int
    seed: int

    def as_dict(self) -> dict[str, Any]:
        """Say the same in plain lists, dicts, strings and numbers, ready for JSON."""
        return {
            "classes": list(self.classes),
            "positive": self.positive,
            "samples": self.samples,
            "groups": self.groups,
            "values": dict(self.values),
            "per_class": {name: dict(values) for name, values in self.per_class.items()},
            "confusion": [list(row) for row in self.confusion],
            "intervals": {name: None if pair is None else list(pair) for name, pair in self.intervals.items()},
            "reasons": dict(self.reasons),
            "notes": list(self.notes),
            "unit": self.unit,
            "level": self.level,
            "resamples": self.resamples,
            "seed": self.seed,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Result:
        """Read back what `as_dict` wrote."""
        if not isinstance(data, Mapping):
            raise DataError("these are not measures: a table of names was expected")
        known = {field.name for field in fields(cls)}
        if wrong := sorted(known ^ set(data)):
            raise DataError(
                f"these are not measures: missing or unknown {', '.join(map(str, wrong))}",
                hint="they may have been written by another version of the zoo; evaluate again",
            )
        try:
            return cls(
                **{
                    **data,
                    "classes": tuple(data["classes"]),
                    "values": dict(data["values"]),
                    "per_class": {name: dict(values) for name, values in data["per_class"].items()},
                    "confusion": tuple(tuple(row) for row in data["confusion"]),
                    "intervals": {name: _pair(pair) for name, pair in data["intervals"].items()},
                    "reasons": dict(data["reasons"]),
                    "notes": tuple(data["notes"]),
                }
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise DataError(f"these are not measures: {error}", hint="evaluate again") from error


def _pair(pair: Any) -> Interval | None:
    if pair is None:
        return None
    low, high = pair
    return float(low), float(high)
