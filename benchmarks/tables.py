"""Printing a table of 1,000 rows and 6 columns: the zoo's own tables against those of rich.

    python benchmarks/tables.py

Prints the median and the fastest of ten new processes each, for a file and for a terminal of 120 columns: the time of
printing alone, and with the import of what prints. The two take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

ROUNDS = 10
DATA = """
import io, sys, time
COLUMNS = ["name", "parameters", "recipe", "paper", "pretrained", "summary"]
ROWS = [
    [f"resnet{i}_variant", f"{i * 24_001:,}", "modern", "liu2023", "ImageNet-1k", "one of many " + "word " * (i % 9)]
    for i in range(1000)
]
class Terminal(io.StringIO):
    def isatty(self): return sys.argv[1] == "terminal"
screen = Terminal()
began = time.perf_counter()
"""
OURS = """
import os
os.environ["COLUMNS"] = "120"
from zoo.cli.output.tables import print_table
imported = time.perf_counter()
sys.stdout = screen
print_table(COLUMNS, ROWS, right=["parameters"])
"""
RICH = """
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
imported = time.perf_counter()
terminal = screen.isatty()
console = Console(file=screen, width=120 if terminal else 1000, force_terminal=terminal)
table = Table(box=SIMPLE_HEAD, pad_edge=False)
for name in COLUMNS:
    table.add_column(name, justify="right" if name == "parameters" else "left")
for row in ROWS:
    table.add_row(*row)
console.print(table)
"""
END = """
ended = time.perf_counter()
assert screen.getvalue().count("_variant") == 1000
print(ended - imported, ended - began, file=sys.__stdout__)
"""


def once(code: str, where: str) -> tuple[float, float]:
    """Seconds of printing in a new process, without the import and with it."""
    done = subprocess.run(
        [sys.executable, "-c", DATA + code + END, where], stdout=subprocess.PIPE, text=True, check=True
    )
    alone, together = map(float, done.stdout.split())
    return alone, together


def main() -> None:
    """Run the benchmark and print both times."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print(f"{'median (fastest) of ' + str(ROUNDS):32}{'printing':>20}{'with import':>20}")
    for where in ("file", "terminal"):
        found: dict[str, list[tuple[float, float]]] = {"zoo": [], "rich": []}
        for _ in range(ROUNDS):
            for name, code in (("zoo", OURS), ("rich", RICH)):
                found[name].append(once(code, where))
        for name, times in found.items():
            cells = [
                f"{statistics.median(some) * 1000:.0f} ({min(some) * 1000:.0f}) ms" for some in zip(*times, strict=True)
            ]
            print(f"{name + ', ' + where:32}{cells[0]:>20}{cells[1]:>20}")


if __name__ == "__main__":
    main()
