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
    """Return a manifest, as a plugin's function does, and record the options."""
    read.options = options  # type: ignore[attr-defined]
    sample = Sample(path=root / "a", key="a", label="a")
    return Manifest(source="made", name="made", classes=("a",), samples=(sample,))


@pytest.fixture(autouse=True)
def _use_read_of_this_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.data.source_lookup.import_object", lambda place, *, plugin: read)


def test_options_have_defaults_and_text_is_parsed_as_the_type_of_the_default(tmp_path: Path) -> None:
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
def test_an_unknown_option_or_an_invalid_value_is_refused(
    tmp_path: Path, options: dict[str, Any], error: type, text: str
) -> None:
    with pytest.raises(error) as caught:
        read_manifest(SOURCE, root=tmp_path, options=options)
    assert text in str(caught.value)


def test_a_source_of_files_needs_a_root() -> None:
    with pytest.raises(UsageError) as caught:
        read_manifest(SOURCE)
    assert "--root" in str(caught.value)


def test_a_root_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: there is no such folder"):
        read_manifest(SOURCE, root=tmp_path / "nowhere")


def test_a_file_as_the_root_of_a_folder_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"file: is not a folder"):
        read_manifest(SOURCE, root=tmp_path / "file")


def test_a_root_without_read_permission_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is simulated, since the mode of a folder does not stop the user root."""

    def refuse(path: Path) -> Any:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DataError) as caught:
        read_manifest(SOURCE, root=tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be read: Permission denied"


def test_a_source_that_draws_its_own_data_refuses_a_root(tmp_path: Path) -> None:
    source = Source(name="drawn", read="x:y", summary="", takes="nothing")
    with pytest.raises(UsageError, match="the data source drawn has no path"):
        read_manifest(source, root=tmp_path)


def test_a_source_that_returns_no_manifest_is_reported_as_a_plugin_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.data.source_lookup.import_object", lambda place, *, plugin: lambda root, **options: [root])
    with pytest.raises(PluginError, match=r"returned a list, not a zoo\.data\.Manifest"):
        read_manifest(SOURCE, root=tmp_path)


def test_a_missing_read_function_is_reported_with_the_name_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.data.source_lookup.import_object", import_object)
    with pytest.raises(PluginError, match="data source made: 'nowhere_at_all:read' cannot be imported"):
        read_manifest(Source(name="made", read="nowhere_at_all:read", summary=""), root=tmp_path)
