"""Writes the tables of docs/statistics.md from benchmarks/coverage.jsonl.

python benchmarks/coverage_tables.py
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from coverage_populations import SETTINGS, Population

from zoo.metrics.names import measure_name

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "coverage.jsonl"
PAGE = ROOT / "docs" / "statistics.md"
MAIN = ("accuracy", "balanced_accuracy", "auroc", "recall", "specificity")

Row = dict[str, Any]


def main() -> None:
    """Write the tables."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    text = PAGE.read_text(encoding="utf-8")
    for name, table in tables(read_results()).items():
        before, rest = text.split(f"<!-- {name} -->\n")
        text = f"{before}<!-- {name} -->\n{table}\n<!-- end -->{rest.split('<!-- end -->', 1)[1]}"
    PAGE.write_text(text, encoding="utf-8")


def read_results() -> list[tuple[Population, Row]]:
    """Return the stored settings and their results, in the order of the settings."""
    rows = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    return [(SETTINGS[row["setting"]], row) for row in sorted(rows, key=lambda row: row["setting"])]


def tables(results: Sequence[tuple[Population, Row]]) -> dict[str, str]:
    """Return each table by its name in the page."""

    def one_class(population: Population) -> bool:
        return not (population.mixed or population.unequal)

    def mixed(population: Population) -> bool:
        return population.mixed and not population.unequal

    def unequal(population: Population) -> bool:
        return population.unequal

    return {
        "one class": _table(results, one_class, "zoo"),
        "bootstrap": _table(results, one_class, "bootstrap"),
        "unknown patients": _table(results, one_class, "unknown patients"),
        "both classes": _table(results, mixed, "zoo"),
        "unequal": _table(results, unequal, "zoo"),
        "all measures": _all_measures(results),
    }


def _table(results: Sequence[tuple[Population, Row]], chosen: Callable[[Population], bool], method: str) -> str:
    """Return the coverage and mean width of the five main measures, a row for each setting."""
    names = [measure_name(name) for name in MAIN]
    lines = [
        f"| true accuracy | sd | patients | {' | '.join(names)} |",
        f"|---|---|---|{'---|' * len(names)}",
    ]
    for population, row in results:
        if chosen(population):
            cells = [_cell(row[method][name]) for name in MAIN]
            kind = " of both classes" if population.unequal and population.mixed else ""
            first = f"{population.accuracy} | {population.deviation} | {population.patients}{kind}"
            lines.append(f"| {first} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(found: dict[str, float]) -> str:
    """Return coverage and width, and the share of test sets without an interval if it is not tiny."""
    none = f", {found['none']:.0%} none" if found["none"] >= 0.005 else ""
    return f"{found['coverage']:.2f} ({found['width']:.3f}{none})"


def _all_measures(results: Sequence[tuple[Population, Row]]) -> str:
    """Return the lowest, mean and highest coverage of every measure over all settings."""
    lines = ["| measure | lowest | mean | highest |", "|---|---|---|---|"]
    for name, found in results[0][1]["zoo"].items():
        if "coverage" not in found:  # a measure without intervals
            continue
        shares = [row["zoo"][name]["coverage"] for _, row in results]
        mean = sum(shares) / len(shares)
        lines.append(f"| {measure_name(name)} | {min(shares):.3f} | {mean:.3f} | {max(shares):.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
