"""The wheel contains the core, the plugins, the demo and registry.yaml, and nothing else."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_contains_every_module_of_zoo_plugins_and_demo(names: set[str]) -> None:
    places = {ROOT / "zoo": "zoo", ROOT / "demo" / "zoo_demo": "zoo_demo"}
    places |= {folder: folder.name for folder in (ROOT / "plugins").iterdir() if folder.is_dir()}
    wanted = {
        f"{name}/{file.relative_to(folder).as_posix()}"
        for folder, name in places.items()
        for file in folder.rglob("*.py")
    }
    assert wanted <= names


def test_the_wheel_contains_the_template_registry_protocols_and_stylesheet(names: set[str]) -> None:
    template = {file.relative_to(ROOT).as_posix() for file in (ROOT / "zoo" / "templates").rglob("*") if file.is_file()}
    wanted = {name for name in template if "__pycache__" not in name}
    wanted |= {f"zoo/benchmark/protocols/{name}.yaml" for name in ("idc", "lung")}
    assert wanted | {"zoo/registry.yaml", "zoo_demo/page.css", "zoo/py.typed"} <= names


def test_the_wheel_contains_no_tests_docs_or_benchmarks(names: set[str]) -> None:
    roots = {name.split("/")[0] for name in names}
    assert not {"tests", "plugins", "demo", "benchmarks", "docs"} & roots


def test_the_wheel_contains_what_a_space_is_made_from(names: set[str]) -> None:
    assert {f"zoo/space/template/{name}" for name in ("app.py", "README.md", "requirements.txt")} <= names
