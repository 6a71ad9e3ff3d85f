"""What is installed is what lies here: the wheel holds the core, our plugins, the demo and the catalogue."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", str(ROOT)]
    subprocess.run([*command, "--wheel-dir", str(folder)], check=True, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_every_module_of_ours_is_in_it(names: set[str]) -> None:
    places = {ROOT / "zoo": "zoo", ROOT / "demo" / "zoo_demo": "zoo_demo"}
    places |= {folder: folder.name for folder in (ROOT / "plugins").iterdir() if folder.is_dir()}
    wanted = {
        f"{name}/{file.relative_to(folder).as_posix()}"
        for folder, name in places.items()
        for file in folder.rglob("*.py")
    }
    assert wanted <= names


def test_so_is_what_is_no_module(names: set[str]) -> None:
    template = {file.relative_to(ROOT).as_posix() for file in (ROOT / "zoo" / "templates").rglob("*") if file.is_file()}
    wanted = {name for name in template if "__pycache__" not in name}
    assert wanted | {"zoo/registry.yaml", "zoo_demo/page.css", "zoo/py.typed"} <= names


def test_and_nothing_else_is(names: set[str]) -> None:
    roots = {name.split("/")[0] for name in names}
    assert not {"tests", "plugins", "demo", "benchmarks", "docs"} & roots
