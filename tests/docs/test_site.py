"""The documentation is built as a site, and the commands in its guides exist."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import zoo
from tests.docs import models_table as networks
from tests.docs import recipes_table as recipes
from tests.docs.guide import blocks
from tests.installed_packages import Answer
from zoo.version import __version__

ROOT = Path(zoo.__file__).resolve().parent.parent
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
COMMANDS = {
    (page.stem, line)
    for page in [*GUIDES, ROOT / "docs" / "hub.md", ROOT / "docs" / "demo.md", ROOT / "README.md"]
    for block in blocks(page)
    for line in block.text.splitlines()
    if re.match(r"zoo [a-z]", line)
}
GROUPS = ("data", "space")


def test_the_site_is_built_without_a_warning_and_asks_no_other_host(tmp_path: Path) -> None:
    """Every link and every anchor is checked."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("index.html", "guides/paper/index.html", "reference/python/index.html"):
        text = (tmp_path / "site" / name).read_text(encoding="utf-8")
        assert not re.search(r'<(?:script|link|img)[^>]+(?:src|href)="https?://', text), name
    commands = (tmp_path / "site" / "reference" / "commands" / "index.html").read_text(encoding="utf-8")
    assert "zoo space push" in commands


@pytest.mark.parametrize(("page", "line"), sorted(COMMANDS), ids=lambda text: text[:60])
def test_every_command_of_a_guide_and_each_of_its_options_exists(
    page: str, line: str, command: Callable[..., Answer]
) -> None:
    words = line.partition(" #")[0].split()
    path = words[1 : 3 if words[1] in GROUPS else 2]
    help_text = command(*path, "--help")
    assert help_text.status == 0, f"{page}: {line}"
    missing = [word for word in words if word.startswith("-") and word not in help_text.out]
    assert not missing, f"{page}: {line}"


def test_the_citation_has_the_version_of_the_code() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == __version__
    assert citation["license"] == "Apache-2.0"


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda path: path.name)
def test_the_files_of_the_forge_are_yaml(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_forge_runs_what_ci_runs_on_every_supported_python() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    test = workflow["jobs"]["test"]
    assert ".ci/run" in [step.get("run") for step in test["steps"]]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    stated = set(re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project))
    assert set(test["strategy"]["matrix"]["python"]) == stated


def test_the_table_of_networks_is_that_of_the_registry() -> None:
    text = networks.PAGE.read_text(encoding="utf-8")
    assert networks.with_table(text) == text, "run python -m tests.docs.models_table"
    assert set(zoo.list_models()) <= set(re.findall(r"`(\w+)`", networks.models_table()))
    assert f"[{len(zoo.list_models())} networks](docs/networks.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_recipes_is_that_of_the_registry() -> None:
    text = recipes.PAGE.read_text(encoding="utf-8")
    assert recipes.with_recipes(text) == text, "run python -m tests.docs.recipes_table"
    assert "| `lr_from_scratch` | – | 0.001 | – | – | – |" in text
