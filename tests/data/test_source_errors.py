"""Mistakes in the code of a data source are reported in its name, never as a traceback."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zoo.data import Manifest, Sample
from zoo.data.source_lookup import read_manifest
from zoo.errors import DataError, PluginError, ZooError
from zoo.spec import Source

SOURCE = Source(name="made", read=f"{__name__}:read", summary="for these tests")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Callable[[Path], Any]], Manifest]:
    """Read the data of a source with this function."""

    def read(function: Callable[[Path], Any]) -> Manifest:
        monkeypatch.setattr("zoo.data.source_lookup.import_object", lambda place, *, plugin: function)
        return read_manifest(SOURCE, root=tmp_path)

    return read


def _made(**fields: Any) -> Manifest:
    sample = {"path": Path("x.png"), "key": "x.png", "label": "a", "group": "p", "facts": {"m": "40"}, **fields}
    return Manifest(source="made", name="made", classes=("a", "b"), samples=(Sample(**sample),))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"group": 7}, "the group of the image 'x.png' must be text, not 7 of type int"),
        ({"group": ""}, "the group of the image 'x.png' is empty"),
        ({"group": float("nan")}, "the group of the image 'x.png' must be text, not nan of type float"),
        ({"label": 1}, "the label of the image 'x.png' must be text, not 1 of type int"),
        ({"label": None}, "the label of the image 'x.png' must be text, not None of type NoneType"),
        ({"key": 3}, "the key of an image must be text, not 3 of type int"),
        ({"key": Path("x")}, "the key of an image must be text"),
        ({"path": "x.png"}, "the path of the image 'x.png' must be a pathlib.Path, not 'x.png' of type str"),
        ({"facts": {"m": 40}}, "the fact 'm' of the image 'x.png' must be text, not 40 of type int"),
        ({"facts": {4: "x"}}, "the fact '4' of the image 'x.png' must be text"),
        ({"facts": ["m"]}, "the facts of the image 'x.png' must be a mapping"),
    ],
)
def test_a_field_of_the_wrong_type_is_an_error_that_names_the_image_the_source_and_the_line(
    reads: Any, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(PluginError) as caught:
        reads(lambda root: _made(**fields))
    assert message in caught.value.message
    assert re.fullmatch(rf"data source made \({re.escape(__file__)}:\d+\)", str(caught.value.where))


@pytest.mark.parametrize(
    "fields",
    [
        {"classes": "ab"},
        {"classes": (0, 1)},
        {"classes": ("a", "a")},
        {"classes": 5},
        {"samples": ["x.png"]},
        {"samples": None},
        {"name": 4},
        {"source": None},
    ],
)
def test_a_manifest_of_the_wrong_types_is_an_error_in_the_name_of_the_source(reads: Any, fields: Any) -> None:
    sample = Sample(path=Path("x"), key="x", label="a")
    given = {"source": "made", "name": "made", "classes": ("a", "b"), "samples": (sample,), **fields}
    with pytest.raises(PluginError, match=r"^data source made \(.*: .*manifest"):
        reads(lambda root: Manifest(**given))


@pytest.mark.parametrize(
    "error", [KeyError("later"), ValueError(), ZeroDivisionError("x"), RecursionError("deep"), SystemExit(3)]
)
def test_any_exception_of_a_source_is_an_error_with_plugin_function_file_and_line(
    reads: Any, error: BaseException
) -> None:
    def read(root: Path) -> Manifest:
        raise error

    with pytest.raises(PluginError) as caught:
        reads(read)
    line = read.__code__.co_firstlineno + 1
    assert caught.value.where == f"data source made ({__file__}:{line})"
    assert caught.value.message.startswith(f"{SOURCE.read} failed: {type(error).__name__}")


def test_an_error_that_a_source_raises_for_the_user_stays_as_it_is(reads: Any) -> None:
    told = DataError("the table has no column slide", where="table.csv", hint="add it")

    def read(root: Path) -> Manifest:
        raise told

    with pytest.raises(ZooError) as caught:
        reads(read)
    assert caught.value is told
