"""Progress in a terminal: a bar, and messages above it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from zoo.progress.reporter import Task
from zoo.text import printable


class TerminalReporter:
    """Shows progress as a bar on standard error."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)

    def say(self, message: str) -> None:
        """Print a message, above the bar if there is one."""
        self._console.print(printable(message), highlight=False, markup=False)

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """Show a bar with rate, time left and facts while the block runs."""
        from rich.live import Live

        from zoo.progress.progress_bar import Bar

        bar = Bar(label, total, unit, done=done)
        with Live(bar, console=self._console, refresh_per_second=8):
            yield bar
