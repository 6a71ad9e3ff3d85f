"""`python -m zoo.benchmark.results_page FOLDER... --docs DOCS`: the page with the results of several benchmarks.

The small files of each benchmark (results, the metrics and the history of each run, the published splits) are copied to
DOCS/results/PROTOCOL, without weights, images and predictions, and DOCS/results.md is made from these copies. So the
page can be made again without the runs: from DOCS/results/PROTOCOL.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from zoo.benchmark.benchmark_results import FILE, BenchmarkResults, read_benchmark_results
from zoo.benchmark.benchmark_text import SMOKE_WARNING, benchmark_markdown, write_figures
from zoo.benchmark.protocol import SPLITS
from zoo.errors import UsageError, ZooError
from zoo.files import write_text
from zoo.runs import HISTORY, METRICS

PAGE, KEPT = "results.md", "results"
KEPT_FILES = (FILE, f"{SPLITS}/*.csv", f"*/*/{METRICS}", f"*/*/{HISTORY}")
"""What is copied from the folder of a benchmark."""
HEAD = """# Results

What the protocols of [`zoo benchmark`](benchmark.md) gave. This page was written by

```
python -m zoo.benchmark.results_page {folders} --docs docs
```

from the results, and nothing on it was written by hand. Negative results are on it like all others.
"""


def write_page(folders: Sequence[Path], docs: Path) -> Path:
    """Write the page of several benchmarks, and keep their small files beside it.

    Args:
        folders: The folders of the benchmarks, or of their kept files.
        docs: The folder of the documentation.
    """
    found = {folder: read_benchmark_results(folder) for folder in folders}
    names = [results.protocol for results in found.values()]
    if len(set(names)) < len(names):
        raise UsageError("two of these folders are of the same protocol", where=", ".join(map(str, folders)))
    kept = {docs / KEPT / results.protocol: results for results in found.values()}
    for (folder, results), target in zip(found.items(), kept, strict=True):
        if results.budget == "smoke":
            raise UsageError(SMOKE_WARNING, where=str(folder), hint="run it without --budget smoke")
        if folder.resolve() != target.resolve():
            _keep(folder, target)
        write_figures(results, target)
    page = docs / PAGE
    write_text(page, _page(kept))
    return page


def _keep(folder: Path, target: Path) -> None:
    """Copy the small files of a benchmark, in the place of those of an earlier one."""
    if target.exists():
        shutil.rmtree(target)
    for pattern in KEPT_FILES:
        for file in sorted(folder.glob(pattern)):
            copy = target / file.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def _page(kept: dict[Path, BenchmarkResults]) -> str:
    """Return the text of the page."""
    folders = " ".join(f"docs/{KEPT}/{results.protocol}" for results in kept.values())
    sections = [
        benchmark_markdown(results, level=2, files=f"{KEPT}/{folder.name}/") for folder, results in kept.items()
    ]
    return "\n".join([HEAD.format(folders=folders), *sections])


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m zoo.benchmark.results_page", description="Write docs/results.md.")
    parser.add_argument("folders", nargs="+", type=Path, help="folders of benchmarks, or of their kept files")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="the folder of the documentation")
    given = parser.parse_args(arguments)
    try:
        write_page(given.folders, given.docs)
    except ZooError as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
