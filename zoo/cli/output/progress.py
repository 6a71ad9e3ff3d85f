"""Progress of commands. All of it goes to standard error."""

from zoo.progress import command_reporter as make_reporter
from zoo.progress.terminal import TerminalReporter

__all__ = ["TerminalReporter", "make_reporter"]
