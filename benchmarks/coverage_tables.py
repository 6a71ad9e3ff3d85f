"""Writes the tables of docs/simulations.md, and the short one of docs/statistics.md, from benchmarks/coverage.jsonl.

python benchmarks/coverage_tables.py
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from coverage_populations import SETTINGS, Population

from zoo.metrics.names import measure_name

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "coverage.jsonl"
PAGES = (ROOT / "docs" / "statistics.md", ROOT / "docs" / "simulations.md")
MAIN = ("accuracy", "balanced_accuracy", "auroc", "recall", "specificity")

Row = dict[str, Any]


def main() -> None:
    """Write the tables."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    made = tables(read_results())
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for name, table in made.items():
            part = re.compile(f"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)
            text = part.sub(f"<!-- {name} -->\n{table}\n<!-- end -->", text)
        page.write_text(text, encoding="utf-8")


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
        "widths": _widths([(population, row) for population, row in results if one_class(population)]),
        "one class": _table(results, one_class, "zoo"),
        "bootstrap": _table(results, one_class, "bootstrap"),
        "unknown patients": _table(results, one_class, "unknown patients"),
        "both classes": _table(results, mixed, "zoo"),
        "unequal": _table(results, unequal, "zoo"),
        "all measures": _all_measures(results),
    }


def _widths(results: Sequence[tuple[Population, Row]]) -> str:
    """Return how wide intervals are, a row for each number of patients: the range over how much patients differ."""
    columns = [(0.785, "accuracy"), (0.785, "balanced_accuracy"), (0.974, "balanced_accuracy")]
    titles = [f"{measure_name(name)} (true accuracy {accuracy})" for accuracy, name in columns]
    lines = [f"| test patients | {' | '.join(titles)} |", f"|---|{'---|' * len(columns)}"]
    for patients in sorted({population.patients for population, _ in results}):
        cells = []
        for accuracy, name in columns:
            found = [
                row["zoo"][name]["width"]
                for population, row in results
                if (population.patients, population.accuracy) == (patients, accuracy)
            ]
            ends = dict.fromkeys(f"{width:.2f}" for width in (min(found), max(found)))
            cells.append(" to ".join(ends))
        lines.append(f"| {patients} | {' | '.join(cells)} |")
    return "\n".join(lines)


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
