from __future__ import annotations

import os
from pathlib import Path

import pytest

from zoo.registry.registry_files import builtin_file, user_files


def test_the_builtin_registry_file_exists() -> None:
    assert builtin_file().name == "registry.yaml"
    assert builtin_file().is_file()


def test_there_are_no_user_files_unless_the_environment_names_some() -> None:
    assert user_files() == ()


def test_the_environment_variable_names_several_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_REGISTRY", os.pathsep.join(["a.yaml", "", "/b/c.yaml"]))
    assert user_files() == (Path("a.yaml"), Path("/b/c.yaml"))
