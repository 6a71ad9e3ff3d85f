"""The command line: it parses arguments, calls the library and prints the results.

`json_option`, `print_json` and `print_table` are for the commands of plugins too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zoo.cli.main import main, run

if TYPE_CHECKING:
    from zoo.cli.output.tables import print_json, print_table
    from zoo.cli.shared_options import json_option

__all__ = ["json_option", "main", "print_json", "print_table", "run"]

_HOMES = {
    "json_option": "zoo.cli.shared_options",
    "print_json": "zoo.cli.output.tables",
    "print_table": "zoo.cli.output.tables",
}
"""What is imported only when it is used, so that `zoo --help` is fast."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoo.cli' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value
