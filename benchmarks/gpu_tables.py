"""The results of gpu.py as one JSON file and one page of Markdown tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any


def write_tables(results: Mapping[str, Any], out: Path) -> None:
    """Write gpu.json and gpu.md; a file is replaced only once the new one is written in full."""
    page = "\n\n".join(pages(results)) + "\n"
    for name, text in (("gpu.json", json.dumps(results, indent=1, default=str)), ("gpu.md", page)):
        partial = out / f"{name}.partial"
        partial.write_text(text)
        partial.replace(out / name)


def pages(results: Mapping[str, Any]) -> Iterable[str]:
    """Yield a title with a table for each part."""
    for name, found in results.items():
        title = f"## {name.replace('_', ' ')} ({found.get('part_seconds', 0):.0f} s)"
        for word in ("failed", "left out"):
            if word in found:
                yield f"{title}\n\n{word}: {found[word]}"
                break
        else:
            yield f"{title}\n\n{LAYOUTS.get(name, facts)(found)}"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *([number(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: object) -> str:
    """Return a value with three digits or more."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return str(value)


def facts(found: Mapping[str, Any]) -> str:
    """Return a table of names and values."""
    return table(("what", "value"), ((name, value) for name, value in found.items() if name != "part_seconds"))


def one_step(found: Mapping[str, Any]) -> str:
    """Return the tables of one network's step."""
    return steps({"the network": found})


def steps(found: Mapping[str, Any]) -> str:
    """Return the tables of the steps of several networks."""
    steps = {name: value for name, value in found.items() if isinstance(value, Mapping)}
    head = ("network", "images/s", "ms a step", "limit, ms", "of the limit", "of matrix rate", "of bandwidth", "GB")
    keys = (
        "images_per_second",
        "milliseconds",
        "limit_milliseconds",
        "share_of_limit",
        "share_of_matrix_rate",
        "share_of_bandwidth",
        "peak_memory_gb",
    )
    rows = [(f"{name} at {value['size']}", *(value[key] for key in keys)) for name, value in steps.items()]
    kinds = [
        table(
            (f"kernels of {name} ({value['kernels']['kernels']:.0f} a step)", "ms a step"),
            list(value["kernels"]["milliseconds"].items()),
        )
        for name, value in steps.items()
        if "kernels" in value
    ]
    return "\n\n".join([table(head, rows), *kinds])


def rows_of_facts(found: Mapping[str, Any]) -> str:
    """Return a table with a row for each name and a column for each of its facts."""
    rows = {name: value for name, value in found.items() if isinstance(value, Mapping)}
    columns = list(dict.fromkeys(key for value in rows.values() for key in value))
    head = ("", *(column.replace("_", " ") for column in columns))
    rest = [f"{name}: {number(value)}" for name, value in found.items() if name not in rows and name != "part_seconds"]
    body = table(head, ((name, *(value.get(column, "") for column in columns)) for name, value in rows.items()))
    return "\n\n".join([*([", ".join(rest)] if rest else []), body])


def runs(found: Mapping[str, Any]) -> str:
    """Return a table of trainings."""
    rows = []
    for name, run in found["runs"].items():
        measures = run["metrics"]["measures"]
        low, high = (measures.get("intervals") or {}).get("balanced_accuracy") or (float("nan"),) * 2
        history = run["history"]
        rows.append(
            (
                name,
                measures["values"]["balanced_accuracy"],
                f"{low:.3f} to {high:.3f}",
                measures["values"]["auroc"],
                history[-1]["elapsed"],
                history[-1]["images_per_second"],
                run["training"]["energy_joules"] or "",
            )
        )
    head = ("run", "balanced accuracy", "95 % interval", "AUROC", "training, s", "images/s", "GPU, J")
    energy = f", {found['joules'] / 3600:.1f} Wh of the GPU" if found["joules"] else ""
    return f"`python {found['command']}`: {found['seconds']:.0f} s{energy}\n\n{table(head, rows)}"


LAYOUTS = {
    "step": one_step,
    "others": steps,
    "graphs": rows_of_facts,
    "compiled": rows_of_facts,
    "replayed": rows_of_facts,
    "predicting": rows_of_facts,
    "tissue": runs,
}
