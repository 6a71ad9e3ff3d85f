"""The reporter that is used by default, in Python and by a command."""

from __future__ import annotations

import sys

from zoo.errors import UsageError
from zoo.progress.log_lines import LogReporter
from zoo.progress.notebook import NotebookReporter, in_notebook
from zoo.progress.reporter import Reporter, Silent
from zoo.progress.terminal import TerminalReporter
from zoo.text import quoted


def reporter_for(progress: Reporter | bool) -> Reporter:
    """Return a given reporter; for True, the one for a notebook or a terminal; otherwise a silent one."""
    if not isinstance(progress, bool):
        if not (hasattr(progress, "say") and hasattr(progress, "track")):
            raise UsageError(f"progress must be True, False or a reporter, not {quoted(progress)}")
        return progress
    if progress and in_notebook():
        return NotebookReporter()
    return TerminalReporter() if progress and sys.stderr.isatty() else Silent()


def command_reporter() -> Reporter:
    """Return the reporter of a command: a bar in a terminal, plain lines in a log."""
    return TerminalReporter() if sys.stderr.isatty() else LogReporter()
