"""Small data sets with leaks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.conftest import draw as draw

PATIENTS = 24
TILES = 6


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of 144 tiles of 24 patients; each patient has a texture that says nothing about the class."""
    random = np.random.default_rng(0)
    rows = []
    for patient in range(PATIENTS):
        coarse = random.normal(0, 30, (8, 8, 3))
        for tile in range(TILES):
            label = "ab"[patient % 2]
            noise = random.normal(0, 25, (8, 8, 3))
            pixels = np.kron(150 + coarse + noise, np.ones((5, 5, 1))).clip(0, 255).astype(np.uint8)
            path = tmp_path / "tiles" / f"p{patient:02d}-{tile}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(pixels).save(path)
            rows.append(f"tiles/{path.name},{label},p{patient:02d}")
    (tmp_path / "table.csv").write_text("path,label,group\n" + "\n".join(rows), encoding="utf-8")
    return tmp_path / "table.csv"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A published split of its patients: 14 for training, 4 for validation, 6 for test."""
    parts = ["train"] * 14 + ["val"] * 4 + ["test"] * 6
    rows = [f"p{patient:02d},{part}" for patient, part in enumerate(parts)]
    (tmp_path / "published.csv").write_text("patient,part\n" + "\n".join(rows), encoding="utf-8")
    return tmp_path / "published.csv"
