"""Progress on a terminal, and as plain lines where there is none. All of it goes to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from zoo.progress import Reporter, Task
from zoo.progress.log_lines import Lines


def make_reporter() -> Reporter:
    """The one that fits where standard error goes."""
    return TerminalReporter() if sys.stderr.isatty() else Lines()


class TerminalReporter:
    """A bar that moves, with the lines that are said above it."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)

    def say(self, message: str) -> None:
        """One line, above any bar."""
        self._console.print(message, highlight=False, markup=False)

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """A bar with rate, time left and facts."""
        from rich.live import Live

        from zoo.cli.output.progress_bar import Bar

        bar = Bar(label, total, unit, done=done)
        with Live(bar, console=self._console, refresh_per_second=8):
            yield bar
