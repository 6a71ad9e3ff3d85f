"""The command line: parse, call, print."""

from zoo.cli.main import main

__all__ = ["main"]
