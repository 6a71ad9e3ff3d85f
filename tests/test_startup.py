"""Many registered models do not make the command line slow. `benchmarks/startup.py` measures the seconds."""

from __future__ import annotations

from pathlib import Path

from tests.installed_packages import Site

CODE = """
from pathlib import Path

import zoo
from zoo.spec import Architecture, Option


@zoo.hookimpl
def zoo_register_models(register):
    for number in range({models}):
        options = {{"depth": Option(default=20, help="number of layers")}}
        register(Architecture(name=f"many{{number}}", build="many.model:build", summary="one of many", options=options))


@zoo.hookimpl
def zoo_registry_files():
    return [Path(__file__).with_name("registry.yaml")]
"""
ROW = "  many{number}: {{architecture: many{number}, recipe: modern, parameters: {number}, options: {{depth: 26}}}}\n"

LISTED = """
import cProfile, pstats, sys
profile = cProfile.Profile(builtins=False)
profile.enable()
from zoo.cli import main
try:
    main(["list", "--json"])
except SystemExit as ended:
    assert not ended.code
profile.disable()
print(pstats.Stats(profile).total_calls, len(sys.modules), file=sys.stderr)
"""


def listing(folder: Path, models: int) -> tuple[int, int]:
    """How many functions `zoo list` calls, and how many modules it imports, with so many models more."""
    site = Site(folder)
    rows = "".join(ROW.format(number=number) for number in range(models))
    site.install("many", CODE.format(models=models), registry="models:\n" + rows if models else "models: {}\n")
    site.python("-c", LISTED)  # the first time, Python writes its compiled files
    answer = site.python("-c", LISTED)
    assert answer.status == 0, answer.err
    assert answer.out.count("one of many") == models
    calls, modules = answer.err.split()
    return int(calls), int(modules)


def test_500_registered_models_add_little_to_the_start_up_time(tmp_path: Path) -> None:
    """Calls are counted, because seconds would differ with what else the machine does."""
    none, modules = listing(tmp_path / "none", 0)
    some, _ = listing(tmp_path / "some", 250)
    many, modules_of_many = listing(tmp_path / "many", 500)
    assert modules_of_many - modules <= 5, "their networks are imported"
    assert many - some <= 1.1 * (some - none), "each model costs more than the one before"
    assert (many - none) / 500 <= 1500, "one model costs many calls"
