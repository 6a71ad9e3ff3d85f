"""The result of measuring predictions: values, their intervals, and the reasons for those that are undefined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from zoo.metrics.one_class import one_class_note

Unit = Literal["patient", "image"]
Interval = tuple[float, float]
LEVEL = 0.95
"""The confidence level of every interval."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """The measures of one set of predictions. What is undefined is None, and `reasons` says why."""

    classes: tuple[str, ...]
    positive: str | None
    """The last of two classes; None when there are more."""
    minority: str
    """The class of `f1_minority`: the one with the fewest images in the whole data set."""
    samples: int
    groups: int | None
    """The number of patients; None when the patients are not known."""
    values: Mapping[str, float | None]
    """`precision`, `recall`, `specificity`, `f1` and `auroc` are those of the positive class, or with more
    than two classes the mean over the classes. `f1_minority` is that of the class `minority`.
    `gmean`, `iba` and every `…_weighted` are means over the classes weighted by their samples."""
    per_class: Mapping[str, Mapping[str, int | float | None]]
    """The measures of each class, and its number of samples, `support`."""
    confusion: tuple[tuple[int, ...], ...]
    """Rows are the truth, columns the prediction."""
    intervals: Mapping[str, Interval | None]
    reasons: Mapping[str, str]
    """Why a value or an interval is None. A class's value has the key `precision[benign]`."""
    notes: tuple[str, ...]
    """Limits of the intervals that a reader must know."""
    unit: Unit
    """The unit whose spread the intervals show: patients, or images if the patients are not known."""
    level: float

    @property
    def one_class(self) -> str | None:
        """A note that samples of several classes were all predicted as one, which a reader must know first, or None."""
        return one_class_note(self.confusion, self.classes)

    def __post_init__(self) -> None:
        if {len(self.classes)} != {len(self.confusion), *map(len, self.confusion)}:
            raise ValueError("confusion must have a row and a column for each class")
