"""Which measures of a class are undefined, and why.

scikit-learn and imbalanced-learn return 0 there. But a precision of 0 says that every positive prediction was wrong,
which is not the same as no positive prediction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from zoo.metrics.predictions import IntArray
from zoo.metrics.result import Unit


def key(measure: str, name: str) -> str:
    """Return the name under which `reasons` has a measure of one class, such as `precision[benign]`."""
    return f"{measure}[{name}]"


@dataclass(frozen=True, kw_only=True)
class Present:
    """Which classes the samples have, and which were predicted: the reasons why a measure is undefined."""

    confusion: IntArray
    """Rows are the truth, columns the prediction."""
    classes: tuple[str, ...]
    minority: int
    unit: Unit
    """Whether the patients are known."""

    @cached_property
    def support(self) -> Sequence[int]:
        """The number of samples of each class."""
        return [int(count) for count in self.confusion.sum(axis=1)]

    @cached_property
    def predicted(self) -> Sequence[int]:
        """How many samples were predicted as each class."""
        return [int(count) for count in self.confusion.sum(axis=0)]

    def why(self, measure: str, index: int) -> str:
        """Return why a measure of one class is undefined; an empty text if it is defined."""
        name = self.classes[index]
        if measure == "precision":
            return "" if self.predicted[index] else f"nothing was predicted as {name}"
        if measure != "specificity" and not self.support[index]:
            return f"no sample is {name}"
        if measure not in ("recall", "f1") and self.support[index] == sum(self.support):
            return f"every sample is {name}"
        return ""

    def first(self, measure: str, indices: Iterable[int]) -> str:
        """Return the first reason why a measure of one of these classes is undefined, or an empty text."""
        return next((why for index in indices if (why := self.why(measure, index))), "")

    @property
    def only_class(self) -> str:
        """A text that says that every sample is of one class, or an empty text."""
        present = [name for name, count in zip(self.classes, self.support, strict=True) if count]
        return f"every sample is {present[0]}" if len(present) == 1 else ""

    @property
    def only_prediction(self) -> str:
        """A text that says that every sample was predicted as one class, or an empty text."""
        predicted = [name for name, count in zip(self.classes, self.predicted, strict=True) if count]
        return f"every sample was predicted as {predicted[0]}" if len(predicted) == 1 else ""
