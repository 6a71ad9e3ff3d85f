"""Commands that only look something up import no heavy library."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installed_packages import Answer, Site

HEAVY = {
    "torch",
    "torchvision",
    "timm",
    "sklearn",
    "imblearn",
    "gradio",
    "matplotlib",
    "tensorboard",
    "trackio",
    "submitit",
}
RUNNER = """
import sys
from zoo.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    sys.stderr.write("\\n" + " ".join(sys.modules))
    raise
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


def modules(answer: Answer) -> set[str]:
    return set(answer.err.splitlines()[-1].split())


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["list", "--json"],
        ["show", "dala"],
        ["show", "dala", "--json"],
        ["plugins"],
        ["plugins", "--json"],
    ],
    ids=" ".join,
)
def test_commands_that_use_the_registry_import_no_heavy_library(site: Site, words: list[str]) -> None:
    answer = site.python("-c", RUNNER, *words)
    assert answer.status == 0, answer.err
    loaded = modules(answer)
    assert {"zoo_dala", "zoo_baselines", "zoo.data.sources"} <= loaded
    assert not loaded & (HEAVY | {"numpy", "filelock", "zoo_dala.dala_resnet"})


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["train", "--help"], 0),
        (["show", "dalla"], 1),
        (["lst"], 2),
        (["dala"], 2),
        (["train", "dalla"], 1),
        (["train", "dala", "--recipe", "modem"], 1),
        (["train", "dala", "--data", "brekhis"], 1),
        (["train", "dala", "--lr", "-1"], 2),
        (["train", "--resume", "nowhere"], 1),
    ],
    ids=str,
)
def test_help_and_errors_import_no_heavy_library(site: Site, words: list[str], status: int) -> None:
    answer = site.python("-c", RUNNER, *words)
    assert answer.status == status
    assert "zoo.cli" in modules(answer)
    assert not modules(answer) & HEAVY


@pytest.mark.parametrize("typed", ["zoo show da", "zoo train res", "zoo pl"])
def test_completion_imports_no_heavy_library(site: Site, typed: str) -> None:
    words = {"_ZOO_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    answer = site.python("-c", RUNNER, env=words)
    assert answer.out
    assert not modules(answer) & HEAVY


def test_a_plugin_that_imports_a_heavy_library_is_noticed_by_this_test(site: Site, tmp_path: Path) -> None:
    """The test of this test: a plugin that imports torch while it registers."""
    (tmp_path / "torch.py").write_text("")
    heavy = Site(tmp_path)
    heavy.install("heavy", "import torch\n")
    assert "torch" in modules(heavy.python("-c", RUNNER, "list"))
