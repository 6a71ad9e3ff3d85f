"""The command line of a simulation: print a line of JSON for each setting, or the table of the stored ones."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


def run_simulation(
    help_text: str | None,
    *,
    repetitions: int,
    stored: Path,
    simulated: Callable[[int], Iterable[Row]],
    table: Callable[[list[dict[str, Any]]], str],
) -> None:
    """Print the results of all settings, or with `--table` the table of the stored ones.

    Args:
        help_text: The documentation of the script.
        repetitions: How often each setting is simulated by default.
        stored: The file with the results that are kept.
        simulated: Yields the result of each setting for a number of repetitions.
        table: Returns results as text.
    """
    parser = argparse.ArgumentParser(description=help_text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=repetitions)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    if given.table:
        print(table([json.loads(line) for line in stored.read_text(encoding="utf-8").splitlines()]))
        return
    for row in simulated(given.repetitions):
        print(json.dumps(row), flush=True)
