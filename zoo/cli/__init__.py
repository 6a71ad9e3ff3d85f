"""The command line: parses, calls the library, prints."""

from zoo.cli.main import main, run

__all__ = ["main", "run"]
