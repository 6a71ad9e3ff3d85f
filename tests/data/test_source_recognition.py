from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.data.conftest import Draw
from zoo.data.source_lookup import find_source, recognize_source
from zoo.errors import DataError, UnknownNameError
from zoo.registry import registry

PATCH = "10253/0/10253_idx5_x1351_y1101_class0.png"
SLIDE = "SOB_M_DC-14-2523-40-001.png"


@pytest.mark.parametrize(
    ("names", "source"),
    [
        ([PATCH], "idc"),
        ([SLIDE], "breakhis"),
        ([f"deep/down/{SLIDE}"], "breakhis"),
        (["a/1.png", "b/1.png"], "folder"),
        (["train/a/1.png", "test/a/1.png"], "folder"),
        (["Good Cancer/1.png", "bad_non-cancer/1.png"], "lung"),
        ([], "folder"),
    ],
)
def test_source_is_recognized_from_the_path(tmp_path: Path, draw: Draw, names: list[str], source: str) -> None:
    (tmp_path / "set").mkdir()
    draw(tmp_path / "set", names)
    found, root = find_source(str(tmp_path / "set"), None, registry().plugins.sources)
    assert (found.name, root) == (source, tmp_path / "set")


def test_path_that_two_sources_recognize_is_refused_with_both_names(tmp_path: Path, draw: Draw) -> None:
    draw(tmp_path / "set", [PATCH, SLIDE])
    with pytest.raises(DataError) as caught:
        find_source(str(tmp_path / "set"), None, registry().plugins.sources)
    assert "several data sources recognize these data: breakhis, idc" in str(caught.value)
    assert "--data breakhis --root" in str(caught.value)


def test_source_name_takes_precedence_over_a_folder_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "breakhis").mkdir()
    source, root = find_source("breakhis", None, registry().plugins.sources)
    assert (source.name, root) == ("breakhis", None)


def test_misspelt_source_name_suggests_the_closest() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown data source 'breakhiss'(.|\n)*did you mean breakhis"):
        find_source("breakhiss", None, registry().plugins.sources)


def test_folder_without_read_permission_is_reported(tmp_path: Path) -> None:
    source = replace(registry().source("lung"), recognize=f"{__name__}:refuse")
    with pytest.raises(DataError, match="cannot be read: Permission denied"):
        recognize_source(tmp_path, [source])


def refuse(path: Path) -> bool:
    """Raise the error of a folder without read permission, as a source's function would."""
    raise PermissionError(13, "Permission denied", str(path))


def fails(path: Path) -> bool:
    raise KeyError("later")


def leaves(path: Path) -> bool:
    raise SystemExit


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (f"{__name__}:fails", "test_source_recognition.py:"),
        (f"{__name__}:leaves", "SystemExit without a message"),
        (f"{__name__}:nothing", "cannot be imported"),
        ("no_such_module:recognize", "No module named 'no_such_module'"),
    ],
)
def test_a_source_that_cannot_recognize_is_skipped_with_a_warning(
    tmp_path: Path, draw: Draw, capsys: pytest.CaptureFixture[str], place: str, said: str
) -> None:
    draw(tmp_path, [PATCH])
    sources = registry().plugins.sources
    broken = replace(sources["lung"], name="broken", recognize=place)
    assert recognize_source(tmp_path, [broken, *sources.values()]).name == "idc"
    warned = capsys.readouterr().err
    assert warned.startswith("warning: data source broken: ")
    assert said in warned
    assert "--data broken still reads it" in warned
