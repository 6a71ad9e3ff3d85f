"""The progress bar, and below it a line of facts such as epoch and loss."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console, ConsoleOptions, RenderResult
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.text import Text

from zoo.progress.rate import per_time
from zoo.progress.status import TaskStatus

MIN_LENGTH, MAX_LENGTH = 8, 40
"""The length of the bar in columns; it is not drawn where there is less space."""


class Bar(TaskStatus):
    """The status of one task as a bar, which rich draws at each refresh."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw label, bar and numbers in one line, shortening the label if need be, and the facts below."""
        pace, width = self.pace, options.max_width
        rate = per_time(pace.recent_rate) if pace.recent_rate else ""
        numbers = Text("  ").join(
            Text(part, style)
            for part, style in ((f"{pace.done}/{pace.total} {self.unit}", ""), (rate, "cyan"), (pace.time_left, ""))
            if part
        )
        label = Text(self.label)
        label.truncate(max(1, width - len(numbers) - 2), overflow="ellipsis")
        yield from label.render(console)
        space = width - len(label) - len(numbers) - 4
        if space >= MIN_LENGTH:
            yield Segment("  ")
            length = min(space, MAX_LENGTH)
            bar = console.render(ProgressBar(total=pace.total, completed=pace.done, width=length), options)
            # without colors, rich draws only the finished part of the bar
            yield from Segment.adjust_line_length(list(bar), length)
        yield Segment("  ")
        yield from numbers.render(console)
        yield Segment.line()
        if any(self.facts.values()):
            yield from facts_line(self.facts, width).render(console)
            yield Segment.line()


def facts_line(facts: Mapping[str, str], width: int) -> Text:
    """Return the facts as one line; facts that do not fit are left out, not cut."""
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
