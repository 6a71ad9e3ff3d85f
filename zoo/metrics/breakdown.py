"""The measures of parts of the images, such as those of each magnification."""

from __future__ import annotations

from dataclasses import dataclass, field

from zoo.config.plain import OPTIONAL
from zoo.metrics.result import Result
from zoo.text import cut_short

FEW = {"patient": 10, "image": 30}
"""With fewer patients, or fewer images if patients are not known, a part is too small to be compared with others."""


@dataclass(frozen=True, kw_only=True)
class PartOfImages:
    """The images with one value of a column."""

    value: str | None = field(default=None, metadata=OPTIONAL)
    """The value; None for the images without one."""
    measures: Result
    few: bool
    """Whether it has so few patients that its measures say little."""


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """The measures by one column of the manifest."""

    column: str
    parts: tuple[PartOfImages, ...]
    """In the order of the values; numbers by size, and images without a value last."""

    @property
    def note(self) -> str:
        """What a reader must know about small parts; an empty text if there are none."""
        few = ["(none)" if part.value is None else part.value for part in self.parts if part.few]
        if not few:
            return ""
        unit = self.parts[0].measures.unit
        return f"fewer than {FEW[unit]} {unit}s, too few to compare: {cut_short(few, 12)}"
