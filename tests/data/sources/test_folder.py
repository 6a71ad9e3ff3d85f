from __future__ import annotations

from pathlib import Path

import pytest

from zoo.data import Manifest
from zoo.data.source_lookup import read_manifest
from zoo.errors import DataError
from zoo.registry import registry


def _read(root: Path) -> Manifest:
    return read_manifest(registry().source("folder"), root=root)


def _touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_folders_are_classes_in_alphabetical_order(tmp_path: Path) -> None:
    _touch(tmp_path, "tumor/1.png", "tumor/deep/2.TIF", "normal/1.jpg", "normal/notes.txt", "stray.png")
    manifest = _read(tmp_path)
    assert manifest.classes == ("normal", "tumor")
    assert [(s.key, s.label) for s in manifest.samples] == [
        ("normal/1.jpg", "normal"),
        ("tumor/1.png", "tumor"),
        ("tumor/deep/2.TIF", "tumor"),
    ]
    assert manifest.name == tmp_path.name
    assert manifest.groups is None
    assert not manifest.synthetic


def test_a_table_outside_the_folder_of_synthetic_images_is_synthetic_too(tmp_path: Path) -> None:
    _touch(tmp_path, "drawn/a/1.png", "drawn/b/1.png", "drawn/SYNTHETIC.txt", "real/a/1.png", "real/b/1.png")
    (tmp_path / "tables").mkdir()
    for kind in ("drawn", "real"):
        table = tmp_path / "tables" / f"{kind}.csv"
        table.write_text(f"path,label\n../{kind}/a/1.png,a\n../{kind}/b/1.png,b\n")
        assert read_manifest(registry().source("csv"), root=table).synthetic == (kind == "drawn")


def test_hidden_files_and_folders_are_ignored(tmp_path: Path) -> None:
    """macOS leaves ._tile.png beside tile.png and __MACOSX in archives, and viewers leave .thumbnails."""
    _touch(tmp_path, "a/1.png", "a/._1.png", "b/1.png", ".thumbnails/1.png", "__MACOSX/a/1.png", "a/__MACOSX/1.png")
    manifest = _read(tmp_path)
    assert manifest.classes == ("a", "b")
    assert len(manifest.samples) == 2


@pytest.mark.parametrize(
    ("names", "found"),
    [((), "none"), (("1.png",), "none"), (("a/1.png",), "a"), (("a/notes.txt", "b/notes.txt"), "a, b")],
)
def test_folder_without_two_classes_is_refused_with_the_folders_found(
    tmp_path: Path, names: tuple[str, ...], found: str
) -> None:
    _touch(tmp_path, *names)
    with pytest.raises(DataError) as caught:
        _read(tmp_path)
    text = str(caught.value)
    assert text.startswith(f"{tmp_path}: folders with images of at least two classes are needed")
    assert f"found the folders: {found}" in text


def test_folder_around_the_classes_is_named(tmp_path: Path) -> None:
    _touch(tmp_path, "set/a/1.png", "set/b/1.png")
    with pytest.raises(DataError, match=f"did you mean {tmp_path / 'set'}"):
        _read(tmp_path)


def test_classes_of_files_in_unknown_formats_are_refused_with_the_known_ones(tmp_path: Path) -> None:
    _touch(tmp_path, "a/1.jp2", "b/1.jp2")
    with pytest.raises(DataError, match=r"found the folders: a, b, without a file that ends in \.bmp, \.gif"):
        _read(tmp_path)


def test_class_without_images_stays_a_class(tmp_path: Path) -> None:
    """The split can then report that it is empty."""
    _touch(tmp_path, "a/1.png")
    (tmp_path / "b").mkdir()
    assert _read(tmp_path).counts() == {"a": 1, "b": 0}


def test_data_set_in_the_current_folder_is_named_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _touch(tmp_path, "a/1.png", "b/1.png")
    monkeypatch.chdir(tmp_path)
    assert _read(Path()).name == tmp_path.name
