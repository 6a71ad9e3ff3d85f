"""The command line: it parses arguments, calls the library and prints the results."""

from zoo.cli.main import main, run

__all__ = ["main", "run"]
