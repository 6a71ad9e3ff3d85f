from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zoo.data import Manifest, Sample
from zoo.data.source_lookup import read_manifest
from zoo.errors import DataError, PluginError, UnknownNameError, UsageError
from zoo.imports import import_object
from zoo.spec import Option, Source

SOURCE = Source(
    name="made",
    read=f"{__name__}:read",
    summary="for these tests",
    options={"size": Option(default=3, help="", choices=(3, 4)), "name": Option(default="x", help="")},
)


def read(root: Path, **options: Any) -> Any:
    """Stands for a plugin's function."""
    read.options = options  # type: ignore[attr-defined]
    sample = Sample(path=root / "a", key="a", label="a")
    return Manifest(source="made", name="made", classes=("a",), samples=(sample,))


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.data.source_lookup.import_object", lambda place, *, plugin: read)


def test_options_have_defaults_and_text_is_read_as_their_type(tmp_path: Path) -> None:
    read_manifest(SOURCE, root=tmp_path)
    assert read.options == {"size": 3, "name": "x"}  # type: ignore[attr-defined]
    read_manifest(SOURCE, root=tmp_path, options={"size": "4", "name": 40})
    assert read.options == {"size": 4, "name": "40"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"sise": 3}, UnknownNameError, "did you mean size"),
        ({"size": "big"}, UsageError, "option size must be a whole number, not 'big'"),
        ({"size": 5}, UsageError, "option size must be one of 3, 4, not 5"),
    ],
)
def test_wrong_options_are_told(tmp_path: Path, options: dict[str, Any], error: type, text: str) -> None:
    with pytest.raises(error) as caught:
        read_manifest(SOURCE, root=tmp_path, options=options)
    assert text in str(caught.value)


def test_a_root_is_needed() -> None:
    with pytest.raises(UsageError) as caught:
        read_manifest(SOURCE)
    assert "--root" in str(caught.value)


def test_a_root_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: there is no such folder"):
        read_manifest(SOURCE, root=tmp_path / "nowhere")


def test_a_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"file: is not a folder"):
        read_manifest(SOURCE, root=tmp_path / "file")


def test_a_root_that_must_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By another way than its mode, which does not stop root."""

    def refuse(path: Path) -> Any:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DataError) as caught:
        read_manifest(SOURCE, root=tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be read: Permission denied"


def test_a_source_that_draws_its_own_data_takes_no_root(tmp_path: Path) -> None:
    source = Source(name="drawn", read="x:y", summary="", takes="nothing")
    with pytest.raises(UsageError, match="the data source drawn takes no root"):
        read_manifest(source, root=tmp_path)


def test_a_source_that_gives_something_else_is_a_broken_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.data.source_lookup.import_object", lambda place, *, plugin: lambda root, **options: [root])
    with pytest.raises(PluginError, match=r"gave list, not a zoo\.data\.Manifest"):
        read_manifest(SOURCE, root=tmp_path)


def test_a_function_that_is_not_there_names_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.data.source_lookup.import_object", import_object)
    with pytest.raises(PluginError, match="data source made: 'nowhere_at_all:read' cannot be imported"):
        read_manifest(Source(name="made", read="nowhere_at_all:read", summary=""), root=tmp_path)
