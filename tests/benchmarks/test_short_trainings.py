"""The benchmarks that choose a recipe's settings run: on a small tree of images, for one epoch."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.benchmarks.scripts import script


@pytest.fixture
def idc(tmp_path: Path) -> Path:
    """Images of 16 patients in the layout of IDC, the positive ones darker."""
    noise = np.random.default_rng(0)
    for patient in range(100, 116):
        for label in (0, 1):
            folder = tmp_path / "idc" / str(patient) / str(label)
            folder.mkdir(parents=True)
            for number in range(6):
                pixels = noise.normal(190 - 80 * label, 30, (16, 16, 3)).clip(0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(folder / f"{patient}_idx5_x{number}_y1_class{label}.png")
    return tmp_path / "idc"


@pytest.mark.parametrize(
    ("name", "words", "row"),
    [
        ("selection", ["--epochs", "1"], "last averaged weights, trained on 70 %"),
        ("residual_start", ["--epochs", "1", "--models", "resnet20"], "resnet20, scale 0.1"),
        ("stain", ["--epochs", "1"], "stain normalization"),
    ],
)
def test_a_benchmark_of_short_trainings_prints_its_table(
    idc: Path,
    name: str,
    words: list[str],
    row: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    benchmark, shared = script(name), script("short_trainings")
    monkeypatch.setattr(shared, "POOL_PATIENTS", 10)
    monkeypatch.setattr(shared, "TEST_PATIENTS", 6)
    monkeypatch.setattr(sys, "argv", [name, "--idc", str(idc), "--seeds", "2", "--size", "16", *words])
    benchmark.main()
    table = capsys.readouterr().out.rpartition("2 seeds")[2]
    assert row in table
