from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.conftest import Draw
from zoo.data import Manifest
from zoo.data.source_lookup import find_source, read_manifest
from zoo.errors import DataError
from zoo.registry import registry

SPELLINGS = [
    ("Good Cancer", "Bad Cancer", "Good Non Cancer", "Bad Non Cancer"),
    ("good_cancer", "bad_cancer", "good_non_cancer", "bad_non_cancer"),
    ("GOOD CANCER", "Bad  cancer", "GoodNonCancer", "bad Non-Cancer"),
    ("Good-Cancer", "BadCancer ", "good non_cancer", "BAD_NONCANCER"),
]


def _read(root: Path) -> Manifest:
    return read_manifest(registry().source("lung"), root=root)


@pytest.mark.parametrize("folders", SPELLINGS)
def test_four_folders_in_any_spelling_become_two_classes(tmp_path: Path, draw: Draw, folders: tuple[str, ...]) -> None:
    draw(tmp_path / "lung", [f"{folder}/{number}.jpg" for folder in folders for number in range(2)])
    draw(tmp_path / "lung", ["notes/1.png"])
    manifest = _read(tmp_path / "lung")
    assert manifest.classes == ("non-cancer", "cancer")
    assert manifest.counts() == {"non-cancer": 4, "cancer": 4}
    assert [(sample.key, sample.facts["quality"]) for sample in manifest.samples][:3] == [
        ("bad-cancer/0.jpg", "bad"),
        ("bad-cancer/1.jpg", "bad"),
        ("bad-non-cancer/0.jpg", "bad"),
    ]
    assert {sample.path.parent.name for sample in manifest.samples if sample.label == "cancer"} == set(folders[:2])


def test_keys_do_not_depend_on_the_spelling_of_the_folders(tmp_path: Path, draw: Draw) -> None:
    found = set()
    for number, folders in enumerate(SPELLINGS):
        draw(tmp_path / str(number), [f"{folder}/{image}.png" for folder in folders for image in range(2)])
        found.add(tuple(sample.key for sample in _read(tmp_path / str(number)).samples))
    assert len(found) == 1


def test_lung_folders_are_recognized(tmp_path: Path, draw: Draw) -> None:
    draw(tmp_path / "lung", [f"{folder}/1.png" for folder in SPELLINGS[1]])
    assert find_source(str(tmp_path / "lung"), None, registry().plugins.sources)[0].name == "lung"
    draw(tmp_path / "other", ["cancer/1.png", "non cancer/1.png"])
    assert find_source(str(tmp_path / "other"), None, registry().plugins.sources)[0].name == "folder"


def test_folders_of_only_one_class_are_refused(tmp_path: Path, draw: Draw) -> None:
    draw(tmp_path / "lung", ["Good Cancer/1.png", "Bad Cancer/1.png"])
    (tmp_path / "lung" / "Bad Non Cancer").mkdir()
    with pytest.raises(DataError) as caught:
        _read(tmp_path / "lung")
    assert "both classes, cancer and non-cancer" in str(caught.value)
    assert "Good Non Cancer" in str(caught.value)


def test_two_spellings_of_one_folder_are_refused_as_duplicate_keys(tmp_path: Path, draw: Draw) -> None:
    draw(tmp_path / "lung", [f"{folder}/1.png" for folder in (*SPELLINGS[0], "good_cancer")])
    with pytest.raises(DataError, match=r"'good-cancer/1.png'"):
        _read(tmp_path / "lung")
