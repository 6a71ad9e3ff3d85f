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
