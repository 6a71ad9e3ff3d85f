"""The command line: parse, call, print."""

from zoo.cli.main import main, run

__all__ = ["main", "run"]
