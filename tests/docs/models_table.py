"""The table of networks in docs/networks.md; `python -m tests.docs.models_table` writes it again."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import zoo
from zoo.registry import Blueprint, registry

PAGE = Path(zoo.__file__).resolve().parent.parent / "docs" / "networks.md"
BEGIN, END = "<!-- written by python -m tests.docs.models_table -->", "<!-- end -->"


def models_table() -> str:
    """Return the table: a row for each network, with its depths together."""
    rows: dict[tuple[str, ...], list[Blueprint]] = defaultdict(list)
    for name in zoo.list_models():
        model = registry().model(name)
        rows[_facts(model)].append(model)
    lines = [
        "| name | network | parameters | input | pretrained weights | reproduced from | recipe |",
        "|---|---|---|---|---|---|---|",
    ]
    for (summary, size, pretrained, paper, recipe), models in sorted(rows.items(), key=_order):
        models.sort(key=lambda model: model.entry.parameters or 0)
        names = ", ".join(f"`{model.name}`" for model in models)
        lines.append(f"| {names} | {summary} | {_millions(models)} | {size} | {pretrained} | {paper} | {recipe} |")
    return "\n".join(lines)


def with_table(text: str) -> str:
    """Return the text of the page with the table of now."""
    part = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
    return part.sub(lambda _: f"{BEGIN}\n\n{models_table()}\n\n{END}", text)


def _facts(model: Blueprint) -> tuple[str, ...]:
    size = model.preprocessing
    return (
        model.summary,
        f"{size.width}x{size.height}",
        ", ".join(sorted({weights.data for weights in model.architecture.pretrained})) or "none",
        _cited(model.entry.paper),
        f"`{model.entry.recipe}`",
    )


def _order(row: tuple[tuple[str, ...], list[Blueprint]]) -> tuple[str, str]:
    (_, _, _, paper, _), models = row
    return paper, models[0].name


def _cited(name: str | None) -> str:
    """Return the authors and the year of a paper, linked to it."""
    if name is None:
        return ""
    paper = registry().catalog.papers[name]
    cited = f"{paper.authors.split(',')[0].split()[-1]} {paper.year}"
    return f"[{cited}]({paper.link})" if paper.link else cited


def _millions(models: list[Blueprint]) -> str:
    counts = [f"{(model.entry.parameters or 0) / 1e6:.3g}" for model in models]
    return f"{', '.join(counts)} M"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
