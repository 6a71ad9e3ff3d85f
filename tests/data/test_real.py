"""Real data sets in the folder ZOO_TEST_DATA, if there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoo.data import Manifest
from zoo.data.inspection import inspect
from zoo.data.pixels.prepare import prepare
from zoo.data.source_lookup import find_source, read_manifest
from zoo.data.split.leakage import find_leak
from zoo.data.split.policy import SplitPolicy
from zoo.data.split.split import PARTS, make_split
from zoo.errors import DataError
from zoo.progress import Silent
from zoo.registry import registry
from zoo.spec import Preprocessing

SIZE = Preprocessing(height=32, width=32)

FRACTIONS = (0.6, 0.1, 0.3)


def _read(path: Path) -> Manifest:
    source, root = find_source(str(path), None, registry().plugins.sources)
    return read_manifest(source, root=root)


def _keeps_groups_whole(manifest: Manifest) -> bool:
    split = SplitPolicy().split(manifest)
    assert split.unit == "patient"
    assert manifest.groups is not None
    sides = [{manifest.groups[index] for index in split.part(part)} for part in PARTS]
    return sum(map(len, sides)) == len(set(manifest.groups))


def test_real_breakhis_is_recognized_inspected_and_prepared(real: Path) -> None:
    root = real / "breakhis" / "BreaKHis_v1"
    manifest = _read(root)
    assert (manifest.source, len(manifest.samples)) == ("breakhis", 69)
    assert _read(root / "histology_slides" / "breast").fingerprint() == manifest.fingerprint()
    found = inspect(manifest, fractions=FRACTIONS, progress=Silent())
    assert found.sizes == {"700x460": 69}
    assert not found.unreadable
    assert sum(found.by_fact["magnification"].values()) == 69
    assert not prepare(manifest, SIZE, Silent()).unreadable


def test_real_idc_is_recognized_and_split_by_patient(real: Path) -> None:
    manifest = _read(real / "idc")
    assert (manifest.source, manifest.counts()) == ("idc", {"negative": 4224, "positive": 1432})
    assert manifest.groups is not None
    assert len(set(manifest.groups)) == 149
    assert _keeps_groups_whole(manifest)
    assert not prepare(manifest, SIZE, Silent()).unreadable
    by_image = make_split(manifest, unit="image", fractions=FRACTIONS, seed=0)
    leak = find_leak(manifest, by_image)
    assert leak is not None
    assert leak.share > 0.9


@pytest.mark.parametrize("name", [".", "groups.csv"])
def test_real_lung_tiles_made_from_one_tile_are_in_one_part(real: Path, name: str) -> None:
    manifest = _read(real / "lc25000_lung" / name)
    assert manifest.classes == ("lung_aca", "lung_n", "lung_scc")
    assert _keeps_groups_whole(manifest)
    assert not prepare(manifest, SIZE, Silent()).unreadable


def test_inspect_finds_identical_files_in_real_data(real: Path) -> None:
    found = inspect(_read(real / "lc25000_lung"), fractions=FRACTIONS, progress=Silent())
    assert found.identical_files
    assert not found.identical_across_classes


@pytest.mark.parametrize("name", ["nuclei_fluorescence", "odd"])
def test_real_folders_without_classes_are_refused(real: Path, name: str) -> None:
    with pytest.raises(DataError, match="folders with images of at least two classes are needed"):
        _read(real / name)


@pytest.mark.parametrize("name", ["nuclei_fluorescence", "odd"])
def test_real_images_of_other_formats_and_modes_are_read(real: Path, name: str) -> None:
    from zoo.data import Sample, images_below

    samples = tuple(Sample(path=path, key=key, label="a") for path, key in images_below(real / name))
    manifest = Manifest(source="made", name=name, classes=("a", "b"), samples=samples)
    assert not prepare(manifest, SIZE, Silent(), tolerated=0).unreadable
