from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.warm_python import WarmPython
from zoo.grid import Grid, train_many


@pytest.fixture(scope="session")
def trained_grid(
    quick: dict[str, Any], cache: Path, warm_python: WarmPython, tmp_path_factory: pytest.TempPathFactory
) -> Grid:
    """A grid of two models, trained in two processes; it is shared, and must not be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        patch.setattr(sys, "executable", warm_python.executable)
        out = tmp_path_factory.mktemp("grids") / "grid"
        return train_many(["resnet20", "senet20"], folds=3, fold=1, jobs=2, out=out, **quick)
