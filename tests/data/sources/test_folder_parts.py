"""Train, val and test folders, and a table of groups beside the classes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.conftest import Draw
from zoo.data import Manifest
from zoo.data.source_lookup import read_manifest
from zoo.data.split.policy import SplitPolicy
from zoo.data.split.split import PARTS
from zoo.errors import DataError
from zoo.registry import registry


def _read(root: Path) -> Manifest:
    return read_manifest(registry().source("folder"), root=root)


@pytest.mark.parametrize("parts", [("train", "val", "test"), ("Training", "valid", "TEST"), ("train", "", "testing")])
def test_part_folders_fix_the_split(tmp_path: Path, draw: Draw, parts: tuple[str, ...]) -> None:
    names = [f"{part}/{label}/{n}.png" for part in parts if part for label in "ab" for n in range(2)]
    draw(tmp_path / "set", names)
    manifest = _read(tmp_path / "set")
    assert manifest.classes == ("a", "b")
    split = SplitPolicy().split(manifest)
    assert split.unit == "fixed"
    for part, folder in zip(PARTS, parts, strict=True):
        keys = sorted(manifest.samples[index].key for index in split.part(part))
        assert keys == sorted(name for name in names if folder and name.startswith(f"{folder}/"))


@pytest.mark.parametrize("folders", [("train", "test", "extra"), ("Train", "benign"), ("val", "test", "more")])
def test_part_folders_mixed_with_other_folders_are_refused(
    tmp_path: Path, draw: Draw, folders: tuple[str, ...]
) -> None:
    draw(tmp_path / "set", [f"{folder}/a/1.png" for folder in folders])
    with pytest.raises(DataError, match=r"are parts of a split, but not ") as caught:
        _read(tmp_path / "set")
    assert folders[-1] in str(caught.value)


def test_folder_source_accepts_a_class_called_test(tmp_path: Path, draw: Draw) -> None:
    draw(tmp_path / "set", ["control/1.png", "test/1.png"])
    assert _read(tmp_path / "set").classes == ("control", "test")


def test_groups_of_groups_csv_are_never_divided(tmp_path: Path, draw: Draw) -> None:
    root = tmp_path / "set"
    names = [f"{label}/{number}.png" for label in "ab" for number in range(20)]
    draw(root, names)
    rows = [f"./{name},{name[0]}{int(name[2:-4]) // 4}" for name in names]
    (root / "groups.csv").write_text("path,group\n" + "\n".join(rows) + "\n", encoding="utf-8")
    manifest = _read(root)
    split = SplitPolicy().split(manifest)
    assert split.unit == "patient"
    sides = [{manifest.samples[index].group for index in split.part(part)} for part in PARTS]
    assert sum(map(len, sides)) == 10
    assert set.union(*sides) == {f"{label}{number}" for label in "ab" for number in range(5)}


def test_incomplete_groups_csv_is_refused(tmp_path: Path, draw: Draw) -> None:
    root = tmp_path / "set"
    draw(root, ["a/1.png", "b/1.png"])
    (root / "groups.csv").write_text("path,group\na/1.png,p\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"groups\.csv: has no group for 'b/1\.png'"):
        _read(root)


def test_groups_csv_with_two_patients_for_an_image_is_refused(tmp_path: Path, draw: Draw) -> None:
    root = tmp_path / "set"
    draw(root, ["a/1.png", "b/1.png"])
    (root / "groups.csv").write_text("path,group\na/1.png,p\nb/1.png,q\n./a/1.png,r\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"groups\.csv:4: 'a/1\.png' has two groups: 'p' and 'r'"):
        _read(root)


@pytest.mark.parametrize(
    ("name", "column"), [("Groups.csv", "group"), ("GROUPS.CSV", "Group"), ("groups.csv", "patient")]
)
def test_table_of_patients_is_found_however_it_is_spelled(tmp_path: Path, draw: Draw, name: str, column: str) -> None:
    """Otherwise the split is by image in silence."""
    draw(tmp_path / "set", ["a/1.png", "b/1.png"])
    (tmp_path / "set" / name).write_text(f"path,{column}\na/1.png,01\nb/1.png,1\n", encoding="utf-8")
    assert _read(tmp_path / "set").groups == ["01", "1"]


def test_two_tables_of_patients_are_refused(tmp_path: Path, draw: Draw) -> None:
    draw(tmp_path / "set", ["a/1.png", "b/1.png"])
    for name in ("groups.csv", "Groups.csv"):
        (tmp_path / "set" / name).write_text("path,group\na/1.png,p\nb/1.png,q\n", encoding="utf-8")
    if len(list((tmp_path / "set").glob("*.csv"))) < 2:
        pytest.skip("the file system does not tell capital letters apart")
    with pytest.raises(DataError, match=r"there are several tables of patients: Groups\.csv, groups\.csv"):
        _read(tmp_path / "set")


def test_accents_that_macos_writes_otherwise_are_the_same(tmp_path: Path, draw: Draw) -> None:
    draw(tmp_path / "set", ["a/a\u0308.png", "b/1.png"])
    (tmp_path / "set" / "groups.csv").write_text("path,group\na/\xe4.png,p\nb/1.png,q\n", encoding="utf-8")
    assert _read(tmp_path / "set").groups == ["p", "q"]


@pytest.mark.parametrize("nothing", ["nan", "NaN", "NA", "None", "<NA>", "unknown", "-"])
def test_missing_value_is_not_taken_for_a_patient(tmp_path: Path, draw: Draw, nothing: str) -> None:
    draw(tmp_path / "set", ["a/1.png", "b/1.png"])
    (tmp_path / "set" / "groups.csv").write_text(f"path,group\na/1.png,p\nb/1.png,{nothing}\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"groups\.csv:3: 'b/1\.png' has the group '{nothing}', which is no patient"):
        _read(tmp_path / "set")


def test_table_with_other_paths_is_refused_with_one_of_them(tmp_path: Path, draw: Draw) -> None:
    draw(tmp_path / "set", ["a/1.png", "b/1.png"])
    (tmp_path / "set" / "groups.csv").write_text("path,group\na\\1.png,p\nb\\1.png,q\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        _read(tmp_path / "set")
    assert "has no group for 'a/1.png'\n" in str(caught.value)
    assert r"with / between folders, and not like 'a\\1.png'" in str(caught.value)
