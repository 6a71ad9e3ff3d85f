from __future__ import annotations

from pathlib import Path

import pytest

from zoo.data import Manifest
from zoo.data.source_lookup import read_manifest
from zoo.errors import DataError, UsageError
from zoo.registry import registry

TREE = "BreaKHis_v1/histology_slides/breast"
NAMES = {
    f"{TREE}/benign/SOB/adenosis/SOB_B_A_14-22549AB/40X/SOB_B_A-14-22549AB-40-001.png": "adenosis",
    f"{TREE}/benign/SOB/adenosis/SOB_B_A_14-22549CD/100X/SOB_B_A-14-22549CD-100-002.png": "adenosis",
    f"{TREE}/benign/SOB/phyllodes_tumor/SOB_B_PT_14-21998/40X/SOB_B_PT-14-21998-40-001.png": "phyllodes_tumor",
    f"{TREE}/malignant/SOB/ductal_carcinoma/SOB_M_DC_14-2523/40X/SOB_M_DC-14-2523-40-010.png": "ductal_carcinoma",
    f"{TREE}/malignant/SOB/papillary_carcinoma/SOB_M_PC_15-190EF/400X/SOB_M_PC-15-190EF-400-003.png": (
        "papillary_carcinoma"
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in [*NAMES, f"{TREE}/README.txt", f"{TREE}/benign/SOB_notes.png"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path


def _read(root: Path, **options: str | int) -> Manifest:
    return read_manifest(registry().source("breakhis"), root=root, options=options)


def test_label_subtype_patient_and_magnification_are_read_from_the_name(root: Path) -> None:
    manifest = _read(root)
    assert manifest.classes == ("benign", "malignant")
    assert {sample.path.relative_to(root).as_posix() for sample in manifest.samples} == set(NAMES)
    found = {sample.key: sample for sample in manifest.samples}
    assert {key: sample.facts["subtype"] for key, sample in found.items()} == {
        name.rpartition("/")[2]: subtype for name, subtype in NAMES.items()
    }
    sample = found["SOB_M_PC-15-190EF-400-003.png"]
    assert (sample.label, sample.group, sample.facts["magnification"]) == ("malignant", "15-190", "400")


def test_slides_that_differ_only_in_their_letters_are_one_patient(root: Path) -> None:
    """14-22549AB and 14-22549CD are one case."""
    groups = _read(root).groups
    assert groups is not None
    assert groups.count("14-22549") == 2


@pytest.mark.parametrize("magnification", [40, "40"])
def test_magnification_option_selects_images(root: Path, magnification: str | int) -> None:
    manifest = _read(root, magnification=magnification)
    assert manifest.name == "BreakHis 40X"
    assert {sample.facts["magnification"] for sample in manifest.samples} == {"40"}
    assert len(manifest.samples) == 3


def test_magnification_without_images_is_refused_with_the_available_ones(root: Path) -> None:
    with pytest.raises(DataError) as caught:
        _read(root, magnification=200)
    assert "no image at 200X" in str(caught.value)
    assert "available: 40, 100, 400" in str(caught.value)


def test_unknown_magnification_is_refused(root: Path) -> None:
    with pytest.raises(UsageError, match="must be one of 40, 100, 200, 400, all, not '50'"):
        _read(root, magnification=50)


def test_any_folder_of_the_tree_gives_the_same_data(root: Path) -> None:
    whole, part = _read(root), _read(root / TREE)
    assert whole.fingerprint() == part.fingerprint()


def test_folder_without_breakhis_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tile.png").touch()
    with pytest.raises(DataError) as caught:
        _read(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert "--data folder" in str(caught.value)


def test_two_different_files_of_one_name_are_refused(root: Path) -> None:
    name = next(iter(NAMES))
    copy = root / "copy" / Path(name).name
    copy.parent.mkdir()
    copy.write_bytes(b"")
    with pytest.raises(DataError, match=r"SOB_B_A-14-22549AB-40-001\.png occurs several times with different contents"):
        _read(root)


def test_a_patient_is_a_case_or_with_an_option_the_folder_of_a_slide(root: Path) -> None:
    by_case, by_folder = _read(root), _read(root, patient="folder")
    assert by_case.groups is not None
    assert by_folder.groups is not None
    assert set(by_case.groups) == {"14-22549", "14-21998", "14-2523", "15-190"}
    assert set(by_folder.groups) == {"A-14-22549AB", "A-14-22549CD", "PT-14-21998", "DC-14-2523", "PC-15-190EF"}
    assert {(sample.facts["case"], sample.facts["slide"]) for sample in by_case.samples} == {
        ("14-22549", "14-22549AB"),
        ("14-22549", "14-22549CD"),
        ("14-21998", "14-21998"),
        ("14-2523", "14-2523"),
        ("15-190", "15-190EF"),
    }


def test_the_source_states_both_numbers_of_patients() -> None:
    assert "82 patients by folder, 70 by case number" in str(registry().source("breakhis").size)
