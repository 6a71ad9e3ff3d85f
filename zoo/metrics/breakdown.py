"""The measures of parts of the images, such as those of each magnification."""

from __future__ import annotations

from dataclasses import dataclass, field

from zoo.config.plain import OPTIONAL
from zoo.metrics.result import Result
from zoo.text import cut_short, printable

FEW = {"patient": 10, "image": 30}
"""With fewer patients, or fewer images if patients are not known, a part is too small to be compared with others."""
LONGEST = 40
"""How many characters of a value are shown."""


@dataclass(frozen=True, kw_only=True)
class PartOfImages:
    """The images with one value of a column."""

    value: str | None = field(default=None, metadata=OPTIONAL)
    """The value; None for the images without one."""
    measures: Result
    few: bool
    """Whether it has so few patients that its measures say little."""

    @property
    def title(self) -> str:
        """The value for a reader, as one short line."""
        return "(none)" if self.value is None else shown(self.value)


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """The measures by one column of the manifest."""

    column: str
    parts: tuple[PartOfImages, ...]
    """In the order of the values; numbers by size, and images without a value last."""

    @property
    def note(self) -> str:
        """What a reader must know about small parts; an empty text if there are none."""
        few = [part.title for part in self.parts if part.few]
        if not few:
            return ""
        unit = self.parts[0].measures.unit
        return f"fewer than {FEW[unit]} {unit}s, too few to compare: {cut_short(few, 12)}"


def shown(text: str) -> str:
    """Return text from a table as one short line, with line breaks and control characters as Python writes them."""
    line = printable(text).replace("\n", r"\n").replace("\t", r"\t")
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
