"""Models that need no training."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoo import create_model


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a fresh model of the classes bright and dark."""
    return create_model("resnet20", classes=["bright", "dark"]).save(tmp_path_factory.mktemp("models") / "untrained")


@pytest.fixture(scope="session")
def untrained_of_three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a fresh model of the classes bright, dark and gray."""
    folder = tmp_path_factory.mktemp("models") / "three"
    return create_model("resnet20", classes=["bright", "dark", "gray"]).save(folder)
