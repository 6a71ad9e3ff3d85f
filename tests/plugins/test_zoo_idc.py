from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.data import Manifest
from zoo.data.pixels.prepare import prepare
from zoo.data.source_lookup import find_source, read_manifest
from zoo.data.split.split import PARTS, make_split
from zoo.errors import DataError
from zoo.progress import Silent
from zoo.registry import registry
from zoo.spec import Preprocessing


@pytest.fixture
def patches(tmp_path: Path) -> Path:
    """Six patients with both classes; some patches are narrow, as at the edge of a slide."""
    root = tmp_path / "idc"
    noise = np.random.default_rng(0)
    for patient in range(10253, 10259):
        for number in range(6):
            label = int(number < 2)
            path = root / f"{patient}/{label}/{patient}_idx5_x{50 * number}_y1_class{label}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            height, width = [(50, 50), (50, 1), (1, 50), (33, 50)][number % 4]
            Image.fromarray(noise.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(path)
    (root / "10253" / "notes.png").write_bytes(b"")
    return root


def _read(root: Path) -> Manifest:
    return read_manifest(registry().source("idc"), root=root)


def test_patient_and_class_are_read_from_the_file_name(patches: Path) -> None:
    manifest = _read(patches)
    assert manifest.classes == ("negative", "positive")
    assert manifest.counts() == {"negative": 24, "positive": 12}
    assert manifest.groups is not None
    assert set(manifest.groups) == {str(patient) for patient in range(10253, 10259)}
    assert find_source(str(patches), None, registry().plugins.sources)[0].name == "idc"


def test_narrow_patches_are_decoded(patches: Path) -> None:
    found = prepare(_read(patches), Preprocessing(height=32, width=32), Silent())
    assert not found.unreadable
    assert found.pixels.read(range(36)).std(axis=(1, 2, 3)).min() > 5


def test_all_patches_of_a_patient_are_in_one_part_of_the_split(patches: Path) -> None:
    manifest = _read(patches)
    assert manifest.groups is not None
    split = make_split(manifest, unit="patient", fractions=(0.6, 0.1, 0.3), seed=0)
    sides = [{manifest.groups[index] for index in split.part(part)} for part in PARTS]
    assert sum(map(len, sides)) == 6
    assert all(
        {manifest.samples[index].label for index in split.part(part)} == {"negative", "positive"} for part in PARTS
    )


def test_patches_that_the_kaggle_archive_contains_twice_are_counted_once(patches: Path, tmp_path: Path) -> None:
    both = tmp_path / "kaggle"
    shutil.copytree(patches, both)
    shutil.copytree(patches, both / "IDC_regular_ps50_idx5")
    assert _read(both).fingerprint() == _read(patches).fingerprint()


def test_a_folder_without_patches_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"contains no IDC patches, with names such as 10253_idx5_x1351_y1101_class0\.png"
    ):
        _read(tmp_path)
