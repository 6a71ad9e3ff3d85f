"""The progress bar, and below it a line of facts such as epoch and loss."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console, ConsoleOptions, RenderResult
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.text import Text

from zoo.progress.rate import Pace

NARROW, WIDE = 8, 40
"""The bar is left out in less space than the first, and is never longer than the second."""


class Bar:
    """The progress of one task, which rich draws at each refresh."""

    def __init__(self, label: str, total: int, unit: str, *, done: int) -> None:
        self._label, self._unit = label, unit
        self._pace = Pace(total, done)
        self._facts: dict[str, str] = {}

    def advance(self, steps: int = 1, **facts: str) -> None:
        """Count steps as done, and replace the facts that are given."""
        self._pace.advance(steps)
        self._facts = {**self._facts, **facts}  # replaced at once, because another thread draws it

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw label, bar and numbers in one line, where a long label is cut first, and the facts below it."""
        pace, width = self._pace, options.max_width
        rate = f"{pace.rate_lately:.1f}/s" if pace.rate_lately else ""
        numbers = Text("  ").join(
            Text(part, style)
            for part, style in ((f"{pace.done}/{pace.total} {self._unit}", ""), (rate, "cyan"), (pace.left, ""))
            if part
        )
        label = Text(self._label)
        label.truncate(max(1, width - len(numbers) - 2), overflow="ellipsis")
        yield from label.render(console)
        room = width - len(label) - len(numbers) - 4
        if room >= NARROW:
            yield Segment("  ")
            length = min(room, WIDE)
            bar = console.render(ProgressBar(total=pace.total, completed=pace.done, width=length), options)
            yield from Segment.adjust_line_length(
                list(bar), length
            )  # without colours, rich does not draw the rest of the bar
        yield Segment("  ")
        yield from numbers.render(console)
        yield Segment.line()
        if any(self._facts.values()):
            yield from facts_line(self._facts, width).render(console)
            yield Segment.line()


def facts_line(facts: Mapping[str, str], width: int) -> Text:
    """Return the facts as one line; those without room are left out, and none is cut."""
    line = Text()
    for name, value in facts.items():
        if not value:
            continue
        gap = "  " if line else ""
        if len(line) + len(gap) + len(name) + 1 + len(value) > width:
            break
        line.append(gap)
        line.append(f"{name} ", "dim")
        line.append(value)
    return line
