"""Progress on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from zoo.progress import Reporter, Task
from zoo.progress.log_lines import Lines


def make_reporter() -> Reporter:
    """Return a bar if standard error is a terminal, and plain lines otherwise."""
    return TerminalReporter() if sys.stderr.isatty() else Lines()


class TerminalReporter:
    """Progress bars on a terminal, with messages printed above them."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)

    def say(self, message: str) -> None:
        """Print a message above the bar."""
        self._console.print(message, highlight=False, markup=False)

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """Show a bar with rate, time left and facts while the block runs."""
        from rich.live import Live

        from zoo.cli.output.progress_bar import Bar

        bar = Bar(label, total, unit, done=done)
        with Live(bar, console=self._console, refresh_per_second=8):
            yield bar
