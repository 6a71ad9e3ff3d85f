"""What the command line costs before it does anything, and what 500 more models add to that.

    python benchmarks/startup.py

Prints the median of five new processes each, wall time and processor time.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

RUNS = 5
MODELS = 500
PLUGIN = f"""
from pathlib import Path

import zoo
from zoo.spec import Architecture, Option


@zoo.hookimpl
def zoo_register_models(register):
    for number in range({MODELS}):
        depth = Option(default=20, help="number of layers")
        options = {{"depth": depth}}
        register(Architecture(name=f"many{{number}}", build="many.model:build", summary="one of many", options=options))


@zoo.hookimpl
def zoo_registry_files():
    return [Path(__file__).with_name("registry.yaml")]
"""
ROW = "  many{number}: {{architecture: many{number}, recipe: modern, parameters: {number}, options: {{depth: 26}}}}\n"


def install(site: Path) -> None:
    """Leave the plugin with its many models there, each with a row in its registry file, as pip would."""
    info, package = site / "many-1.0.dist-info", site / "many"
    info.mkdir()
    package.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: many\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[zoo]\nmany = many\n", encoding="utf-8")
    (package / "__init__.py").write_text(PLUGIN, encoding="utf-8")
    rows = "".join(ROW.format(number=number) for number in range(MODELS))
    (package / "registry.yaml").write_text("models:\n" + rows, encoding="utf-8")


def cost(*words: str, site: Path | None = None) -> tuple[float, float]:
    """Wall time and processor time of one new process."""
    path = [str(site)] if site else []
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([*path, os.environ.get("PYTHONPATH", "")])}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *words], env=env, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def medians(*words: str, site: Path | None = None) -> tuple[float, float]:
    """The medians of some runs, after one that fills the disk's cache."""
    cost(*words, site=site)
    runs = [cost(*words, site=site) for _ in range(RUNS)]
    return statistics.median(wall for wall, _ in runs), statistics.median(busy for _, busy in runs)


def main() -> None:
    """Run the benchmark and print the table."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with TemporaryDirectory() as folder:
        install(Path(folder))
        rows = [
            ("python -c pass", medians("-c", "pass")),
            ("zoo --help", medians("-m", "zoo", "--help")),
            ("zoo list", medians("-m", "zoo", "list")),
            (f"zoo list, {MODELS} more models", medians("-m", "zoo", "list", site=Path(folder))),
        ]
    print(f"{'median of ' + str(RUNS):32}{'wall':>10}{'processor':>12}")
    for name, (wall, busy) in rows:
        print(f"{name:32}{wall * 1000:7.0f} ms{busy * 1000:9.0f} ms")


if __name__ == "__main__":
    main()
