"""The script that measures a GPU, in small on whatever device there is: so that none of a GPU's time is lost to it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.benchmarks.scripts import FOLDER
from tests.warm_python import WarmPython


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Two images in the tree of BreakHis, of the size of its originals, one of each class."""
    noise = np.random.default_rng(0)
    for kind, slide in (("benign", "SOB_B_A-14-1-40-001"), ("malignant", "SOB_M_DC-14-2-40-001")):
        place = tmp_path / "breakhis" / "BreaKHis_v1" / kind / f"{slide}.png"
        place.parent.mkdir(parents=True)
        Image.fromarray(noise.integers(0, 256, (460, 700, 3), dtype=np.uint8)).save(place)
    return tmp_path


@pytest.fixture
def idc(tmp_path: Path) -> Path:
    """The tree of IDC, with patches of twelve patients."""
    noise = np.random.default_rng(0)
    for patient in range(12):
        for label in (0, 1):
            for x in range(2):
                place = tmp_path / "idc" / f"{8000 + patient}" / f"{label}"
                place.mkdir(parents=True, exist_ok=True)
                file = place / f"{8000 + patient}_idx5_x{x}_y1_class{label}.png"
                Image.fromarray(noise.integers(0, 256, (50, 50, 3), dtype=np.uint8)).save(file)
    return tmp_path / "idc"


@pytest.mark.slow
def test_every_part_of_the_script_runs_in_small_and_a_part_that_fails_stops_no_other(
    images: Path, idc: Path, tmp_path: Path, warm_python: WarmPython
) -> None:
    out = tmp_path / "out"
    words = [str(FOLDER / "gpu.py"), "--toy", "--out", str(out), "--idc", str(idc)]
    # the peer is no program at all: its part fails
    (peer := tmp_path / "train.py").write_text("raise SystemExit('this is not timm')")
    environment = {**os.environ, "ZOO_TEST_DATA": str(images), "OMP_NUM_THREADS": "1"}
    environment["EXECUTABLE_OF_PROGRAMS"] = warm_python.executable
    done = warm_python.run([*words, "--peer", str(peer)], folder=tmp_path, env=environment)
    found = json.loads((out / "gpu.json").read_text())
    failed = {name for name, part in found.items() if "failed" in part}
    assert failed == {"peer"}, done.stdout + done.stderr
    assert "this is not timm" in found["peer"]["failed"]
    assert done.returncode == 1
    assert len(found["tissue"]["runs"]) == 1
    assert found["step"]["images_per_second"] > 0
    # an operation cannot be faster than its limit; a step on a CPU of any kind is much slower than one of a GPU
    assert 0 < found["step"]["share_of_limit"] <= 1
    assert "| network | images/s |" in (out / "gpu.md").read_text()
