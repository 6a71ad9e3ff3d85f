from __future__ import annotations

from pathlib import Path

import pytest

from zoo.errors import UsageError
from zoo.new_plugin import new_plugin


def test_a_new_plugin_package_has_its_name_in_files_and_text(tmp_path: Path) -> None:
    folder = new_plugin("edge-gate", parent=tmp_path)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {
        "README.md",
        "pyproject.toml",
        "tests/test_edge_gate.py",
        "zoo_edge_gate/__init__.py",
        "zoo_edge_gate/model.py",
        "zoo_edge_gate/registry.yaml",
    }
    for file in files:
        text = (folder / file).read_text(encoding="utf-8")
        assert not any(placeholder in text for placeholder in ("@name@", "@module@", "@dist@", "@version@"))


@pytest.mark.parametrize("name", ["", "Gate", "2gate", "my gate", "my--gate", "../gate", "gate-"])
def test_an_invalid_package_name_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a package"):
        new_plugin(name, parent=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["dala", "resnet20", "small-resnet", "baselines"])
def test_the_name_of_a_model_or_plugin_that_exists_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is already used"):
        new_plugin(name, parent=tmp_path)


def test_a_new_plugin_does_not_overwrite_a_folder(tmp_path: Path) -> None:
    (tmp_path / "my-gate").mkdir()
    with pytest.raises(UsageError, match="already exists"):
        new_plugin("my-gate", parent=tmp_path)
    assert list((tmp_path / "my-gate").iterdir()) == []
