"""Copies of BreakHis: flat, at any level of the tree, or once for each fold."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.data.conftest import Draw
from zoo.data import Manifest
from zoo.data.source_lookup import find_source, read_manifest
from zoo.data.split.split import PARTS, make_split
from zoo.errors import DataError
from zoo.registry import registry

TREE = "BreaKHis_v1/histology_slides/breast"
SLIDES = {
    "benign": ("SOB_B_A-14-22549AB", "SOB_B_F-14-21998CD", "SOB_B_PT-14-22704", "SOB_B_TA-14-3411F"),
    "malignant": ("SOB_M_DC-14-2523", "SOB_M_LC-14-12204", "SOB_M_MC-14-10147", "SOB_M_PC-15-190EF"),
}


def _names() -> list[str]:
    """In the official tree: two magnifications of eight slides, two images each."""
    return [
        f"{TREE}/{label}/SOB/any/{slide}/{magnification}X/{slide}-{magnification}-{number:03d}.png"
        for label, slides in SLIDES.items()
        for slide in slides
        for magnification in (40, 200)
        for number in (1, 2)
    ]


@pytest.fixture
def tree(tmp_path: Path, draw: Draw) -> Path:
    draw(tmp_path / "tree", _names())
    return tmp_path / "tree"


def _read(root: Path, **options: str | int) -> Manifest:
    return read_manifest(registry().source("breakhis"), root=root, options=options)


@pytest.mark.parametrize("level", range(4))
def test_any_folder_of_the_tree_is_recognized_and_gives_the_same_data(tree: Path, level: int) -> None:
    root = tree.joinpath(*TREE.split("/")[:level])
    source, place = find_source(str(root), None, registry().plugins.sources)
    assert (source.name, place) == ("breakhis", root)
    assert _read(root).fingerprint() == _read(tree).fingerprint()


def test_flat_folder_is_read(tree: Path, tmp_path: Path) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in tree.rglob("*.png"):
        shutil.copy(path, flat / path.name.replace(".png", ".PNG"))
    manifest = _read(flat)
    assert manifest.counts() == {"benign": 16, "malignant": 16}
    assert manifest.groups == _read(tree).groups


def test_images_that_are_copied_for_each_fold_count_once(tree: Path, tmp_path: Path) -> None:
    folds = tmp_path / "folds"
    for path in tree.rglob("*.png"):
        for fold in range(1, 4):
            copy = folds / f"fold{fold}" / ("train" if len(path.name) % 2 else "test") / path.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    assert _read(folds).fingerprint() == _read(tree).fingerprint()


def test_damaged_copy_of_an_image_is_reported_with_its_folders(tree: Path) -> None:
    path = next(tree.rglob("SOB_B_A-14-22549AB-40-001.png"))
    copy = tree / "copy" / path.name
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError) as caught:
        _read(tree)
    assert "SOB_B_A-14-22549AB-40-001.png occurs several times with different contents" in str(caught.value)
    assert "in BreaKHis_v1/histology_slides" in str(caught.value)
    assert ", copy" in str(caught.value)


@pytest.mark.parametrize("labels", ["class", "subtype"])
def test_slide_with_two_subtypes_stays_one_patient(tmp_path: Path, draw: Draw, labels: str) -> None:
    """Slide 14-13412 of the full set is in the folders of ductal and of lobular carcinoma."""
    names = [f"SOB_M_{kind}-14-13412-40-{number:03d}.png" for kind in ("DC", "LC") for number in range(4)]
    for kind in ("A", "F", "PT", "TA", "MC", "PC", "DC", "LC"):
        letter = "B" if kind in ("A", "F", "PT", "TA") else "M"
        names += [f"SOB_{letter}_{kind}-14-{100 + patient}{kind}-40-001.png" for patient in range(5)]
    draw(tmp_path / "two", names)
    manifest = _read(tmp_path / "two", labels=labels)
    assert manifest.groups is not None
    assert manifest.groups.count("14-13412") == 8
    for seed in range(10):
        split = make_split(manifest, unit="patient", fractions=(0.6, 0.1, 0.3), seed=seed)
        where = [any(manifest.groups[index] == "14-13412" for index in split.part(part)) for part in PARTS]
        assert sum(where) == 1


def test_subtype_labels_give_eight_classes(tree: Path) -> None:
    manifest = _read(tree, labels="subtype", magnification=40)
    assert len(manifest.classes) == 8
    assert manifest.counts() == dict.fromkeys(manifest.classes, 2)


def test_unknown_subtype_is_refused(tree: Path, draw: Draw) -> None:
    draw(tree, ["SOB_M_XX-14-1-40-001.png"])
    with pytest.raises(
        DataError, match=r"'SOB_M_XX-14-1-40-001.png' has the label 'XX', which is not one of the classes"
    ):
        _read(tree, labels="subtype")
