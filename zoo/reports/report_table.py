"""A table of a report: rows of text under a caption."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ReportTable:
    """A table of texts. The templates `parts.html` and `table.md` draw it."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    """The columns that are aligned to the right, counted from 0."""
    whole_words: bool = True
    """Whether a narrow page scrolls the table rather than breaking words."""
