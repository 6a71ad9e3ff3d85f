from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from zoo.data import Manifest, Sample
from zoo.data.split.policy import SplitPolicy
from zoo.data.split.split import PARTS
from zoo.data.split.split_file import read_split_file, stated_parts, write_split
from zoo.errors import DataError

SAMPLES = tuple(
    Sample(path=Path("x"), key=f"{patient:02d}-{number}", label="ab"[patient % 2], group=f"{patient}")
    for patient in range(12)
    for number in range(10)
)
MANIFEST = Manifest(source="made", name="made", classes=("a", "b"), samples=SAMPLES)


def test_written_split_is_read_back(tmp_path: Path) -> None:
    split = SplitPolicy().split(MANIFEST)
    write_split(tmp_path / "split.csv", MANIFEST, split)
    again = read_split_file(tmp_path / "split.csv", MANIFEST)
    assert [again.part(part) for part in PARTS] == [split.part(part) for part in PARTS]
    assert again.unit == "fixed"


def test_written_table_has_every_image_with_its_part(tmp_path: Path) -> None:
    split = SplitPolicy().split(MANIFEST)
    write_split(tmp_path / "split.csv", MANIFEST, split)
    with (tmp_path / "split.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["key"] for row in rows] == [sample.key for sample in MANIFEST.samples]
    for part in PARTS:
        assert tuple(index for index, row in enumerate(rows) if row["part"] == part) == split.part(part)
    assert {(row["label"], row["group"]) for row in rows} == {(s.label, s.group) for s in MANIFEST.samples}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must have the columns"),
        ("key,label\nx,y\n", "must have the columns .*\n  its columns are: key, label"),
        ("key,part\n00-0,train\n", "'00-1' has no part\n  add a row for it$"),
        ("key,part\na/00-0,train\n", "add a row for it; none is in the table, which names images like 'a/00-0'"),
        ("key,part\n00-0,tset\n", "'00-0' has the unknown part 'tset'"),
    ],
)
def test_table_that_is_no_split_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "split.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message) as caught:
        read_split_file(path, MANIFEST)
    assert str(path) in str(caught.value)


def test_table_may_use_other_column_names_and_spellings(tmp_path: Path) -> None:
    words = {0: "Training", 1: "valid", 2: " TEST "}
    rows = [f"{sample.key},{words[int(sample.key[:2]) // 4]}" for sample in MANIFEST.samples]
    (tmp_path / "split.csv").write_text("path,split\n" + "\n".join(rows), encoding="utf-8-sig")
    split = read_split_file(tmp_path / "split.csv", MANIFEST)
    assert (split.train, split.val, split.test) == tuple(tuple(range(start, start + 40)) for start in (0, 40, 80))


def test_table_may_write_paths_and_columns_as_a_table_of_images_does(tmp_path: Path) -> None:
    rows = [f"./{sample.key},train" for sample in MANIFEST.samples]
    (tmp_path / "split.csv").write_text("Path,Split\n" + "\n".join(rows), encoding="utf-8")
    assert stated_parts(tmp_path / "split.csv") == {sample.key: "train" for sample in MANIFEST.samples}


@pytest.mark.parametrize("separator", [";", "\t"])
def test_table_may_be_separated_by_semicolons_or_tabs_and_have_spaces_around_its_cells(
    tmp_path: Path, separator: str
) -> None:
    rows = [["key ", " part"], *([f" {sample.key}", "train "] for sample in MANIFEST.samples)]
    (tmp_path / "split.csv").write_text("\n".join(separator.join(row) for row in rows), encoding="utf-8")
    assert len(stated_parts(tmp_path / "split.csv")) == len(SAMPLES)


def test_quotation_mark_that_is_never_closed_does_not_swallow_the_rows_after_it(tmp_path: Path) -> None:
    (tmp_path / "split.csv").write_text('key,part\n"00-0,train\n00-1,train\n', encoding="utf-8")
    with pytest.raises(DataError, match="this row cannot be read"):
        stated_parts(tmp_path / "split.csv")


def test_image_whose_name_begins_with_a_space_is_found_in_its_own_split(tmp_path: Path) -> None:
    samples = tuple(Sample(path=Path("x"), key=f" {one.key}", label=one.label, group=one.group) for one in SAMPLES)
    manifest = replace(MANIFEST, samples=samples)
    split = SplitPolicy().split(manifest)
    write_split(tmp_path / "split.csv", manifest, split)
    assert read_split_file(tmp_path / "split.csv", manifest).test == split.test


def test_table_with_one_image_in_two_parts_is_refused(tmp_path: Path) -> None:
    rows = [f"{sample.key},train" for sample in MANIFEST.samples] + ["00-0,test"]
    (tmp_path / "split.csv").write_text("key,part\n" + "\n".join(rows), encoding="utf-8")
    with pytest.raises(DataError, match="the image '00-0' is in two parts: train and test"):
        read_split_file(tmp_path / "split.csv", MANIFEST)
