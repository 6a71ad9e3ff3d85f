from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.conftest import Draw
from tests.listening import Listener
from zoo.data import Manifest
from zoo.data.pixels.prepare import prepare
from zoo.data.source_lookup import find_source, read_manifest
from zoo.data.split.policy import SplitPolicy
from zoo.errors import DataError
from zoo.registry import registry
from zoo.spec import Preprocessing

PLAIN = "path,label,group,split\na/1.png,x,p1,train\na/2.png,y,p1,train\n3.png,x,p2,Test\n4.png,y,p2,testing\n"


@pytest.fixture
def folder(tmp_path: Path, draw: Draw) -> Path:
    draw(tmp_path / "set", ["a/1.png", "a/2.png", "3.png", "4.png"])
    return tmp_path / "set"


def _read(folder: Path, text: str | bytes) -> Manifest:
    table = folder / "table.csv"
    table.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_manifest(registry().source("csv"), root=table)


def test_every_row_becomes_a_sample_with_other_columns_as_facts(folder: Path) -> None:
    manifest = _read(folder, PLAIN.replace("split", "split,stain").replace("train\n", "train,H&E\n"))
    assert manifest.name == "table"
    assert manifest.classes == ("x", "y")
    assert manifest.groups == ["p2", "p2", "p1", "p1"]
    assert [(sample.key, dict(sample.facts)) for sample in manifest.samples] == [
        ("3.png", {"split": "test"}),
        ("4.png", {"split": "test"}),
        ("a/1.png", {"split": "train", "stain": "H&E"}),
        ("a/2.png", {"split": "train", "stain": "H&E"}),
    ]
    assert manifest.samples[2].path == folder / "a" / "1.png"
    split = SplitPolicy().split(manifest)
    assert (split.unit, split.train, split.val, split.test) == ("fixed", (2, 3), (), (0, 1))


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace(",", " , "),
        PLAIN.replace("\n", "\n\n,,,\n", 2),
        PLAIN.replace("a/1.png", '"a/1.png"'),
        PLAIN.replace("a/1.png", "./a/1.png"),
        PLAIN.rstrip("\n"),
    ],
)
def test_tables_as_written_by_different_programs_are_read_alike(folder: Path, text: str) -> None:
    assert _read(folder, text).fingerprint() == _read(folder, PLAIN).fingerprint()


@pytest.mark.parametrize("column", ["Group", "GROUP", "patient", "Patient", "patient_id", "PatientID", "Patient ID"])
def test_patients_are_kept_apart_however_their_column_is_named(folder: Path, column: str) -> None:
    """Otherwise the split is by image in silence."""
    text = f"Path,Label,{column}\n3.png,x,p2\n4.png,y,p2\na/1.png,x,p1\na/2.png,y,p1\n"
    manifest = _read(folder, text)
    assert manifest.groups == ["p2", "p2", "p1", "p1"]
    assert not any(sample.facts for sample in manifest.samples)


def test_other_columns_keep_their_names_where_there_is_a_group(folder: Path) -> None:
    manifest = _read(folder, "path,label,group,Patient,Label\n3.png,x,g,p,z\n4.png,y,h,q,z\n")
    assert manifest.groups == ["g", "h"]
    assert dict(manifest.samples[0].facts) == {"Patient": "p", "Label": "z"}


def test_column_of_patients_without_any_value_is_no_column(folder: Path) -> None:
    assert _read(folder, "path,label,group\n3.png,x,nan\n4.png,y,NA\n").groups is None


def test_path_with_comma_quote_and_newline_is_read(folder: Path, draw: Draw) -> None:
    draw(folder, ['od"d,\n.png'])
    manifest = _read(folder, 'path,label\n"od""d,\n.png",x\n3.png,y\n')
    assert manifest.samples[1].path.is_file()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "table.csv:1: the table has no column 'path'\n  its columns are: none"),
        ("file,label\n", "table.csv:1: the table has no column 'path'\n  its columns are: file, label"),
        ("path\n", "has no column 'label'"),
        ("path,label\n", "needs at least two different labels, but has 0"),
        ("path,label\n3.png,x\n", "needs at least two different labels, but has 1"),
        ("path,label,label\n3.png,x,y\n", "table.csv:1: the table has the column 'label' twice"),
        ("path,label\n3.png,x\n4.png,\n", "table.csv:3: the cell 'label' is empty"),
        ("path,label\n\n\n,x\n", "table.csv:4: the cell 'path' is empty"),
        ("path,label\n3.png,x,more\n", "table.csv:2: this row has 3 cells for 2 columns"),
        ("path,label,split\n3.png,x,trian\n", "table.csv:2: split must be train, val or test, not 'trian'"),
        ("path,label,split\n3.png,x,train\n4.png,y,\n", "table.csv:3: the column 'split' is filled in some rows"),
        ("path,label,group\n3.png,x,\n4.png,y,p\n", "table.csv:2: the column 'group' is filled in some rows"),
        ("path,label\n3.png,x\n./3.png,y\n", "table.csv:3: '3.png' is listed twice, here and in line 2"),
        ("path,label\n3.png,x\n4.png,NaN\n", "table.csv:3: the cell 'label' has no value: 'NaN'"),
        ("path,label,group\n3.png,x,p\n4.png,y,nan\n", "empty in others ('nan' is no value)"),
        ("path,label,group\n3.png,x,NA\n4.png,y,p\n", "table.csv:2: the column 'group' is filled in some rows"),
        ("path,label,group\n3.png,x,NA\n4.png,y,p\n", "empty in others ('NA' is no value)"),
        ("path,label,patient\n3.png,x,Unknown\n4.png,y,p\n", "empty in others ('Unknown' is no value)"),
        ("path,label\nno.png,x\nnone.png,y\n", "none of the 2 images exists"),
        (b"path,label\n3.png,caf\xe9\n", "is not UTF-8 text"),
        ("path,label\n3.png,x\n".encode("utf-16"), "is not UTF-8 text"),
        (b"path,label\n\x00.png,x\n4.png,y\n", "table.csv"),
        (
            'path,label,group\n3.png,x,p\n4.png,y,"q\na/1.png,x,q\na/2.png,y,r\n',
            "table.csv:3: this row cannot be read: unexpected end of data",
        ),
        ("path,label\na\\1.png,x\na\\2.png,y\n", "between folders they have /, not \\"),
        ('path,label\n"3.png,' + "x" * 200_000, "table.csv:2: this row cannot be read: field larger"),
    ],
)
def test_invalid_table_is_refused_with_its_line(folder: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(DataError) as caught:
        _read(folder, text)
    assert message in str(caught.value)


def test_missing_file_is_listed_as_unreadable(folder: Path, listener: Listener) -> None:
    manifest = _read(folder, PLAIN + "gone.png,x,p3,train\n")
    with pytest.raises(DataError, match=r"'gone\.png': cannot be read: No such file or directory"):
        prepare(manifest, Preprocessing(height=8, width=8), listener)
    assert len(prepare(manifest, Preprocessing(height=8, width=8), listener, tolerated=0.3).pixels) == 4


def test_csv_file_is_recognized_and_an_image_is_not(folder: Path) -> None:
    _read(folder, PLAIN)
    assert find_source(str(folder / "table.csv"), None, registry().plugins.sources)[0].name == "csv"
    (folder / "table.csv").rename(folder / "table.TSV")
    assert find_source(str(folder / "table.TSV"), None, registry().plugins.sources)[0].name == "csv"
    with pytest.raises(DataError, match=r"a table of images is a \.csv or \.tsv file"):
        find_source(str(folder / "3.png"), None, registry().plugins.sources)


def test_folder_is_refused_as_a_table(folder: Path) -> None:
    with pytest.raises(DataError, match="is not a file"):
        read_manifest(registry().source("csv"), root=folder)
