from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pytest

from zoo.config.plain import INLINE, LONGEST, OPTIONAL, from_plain, plain
from zoo.config.recipe import Recipe
from zoo.spec import Preprocessing, Scalar


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A dataclass inside others."""

    row: int
    color: Literal["red", "blue"] = "red"


@dataclass(frozen=True, kw_only=True)
class Range:
    """A dataclass whose order of bounds is checked."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low must not be above high")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Every kind of field that a document may have."""

    title: str
    cell: Cell
    range: Range = field(metadata=INLINE)
    spare: Cell | None
    cells: tuple[Cell, ...]
    matrix: tuple[tuple[int, ...], ...]
    pair: tuple[float, float] | None
    names: Mapping[str, tuple[str, ...]]
    options: Mapping[str, Scalar]
    note: str | None = field(default=None, metadata=OPTIONAL)


SHEET = Sheet(
    title="one",
    cell=Cell(row=1),
    range=Range(low=0.5, high=2.0),
    spare=None,
    cells=(Cell(row=2), Cell(row=3, color="blue")),
    matrix=((1, 2), (3, 4)),
    pair=(0.25, 0.75),
    names={"a b": ("x", "y")},
    options={"size": 3, "rate": 0.5, "deep": True, "name": "z", "nothing": None},
)
DOCUMENT = {
    "title": "one",
    "cell": {"row": 1, "color": "red"},
    "low": 0.5,
    "high": 2.0,
    "spare": None,
    "cells": [{"row": 2, "color": "red"}, {"row": 3, "color": "blue"}],
    "matrix": [[1, 2], [3, 4]],
    "pair": [0.25, 0.75],
    "names": {"a b": ["x", "y"]},
    "options": {"size": 3, "rate": 0.5, "deep": True, "name": "z", "nothing": None},
}


def test_a_dataclass_is_written_with_a_key_for_each_field_in_their_order() -> None:
    assert plain(SHEET) == DOCUMENT
    assert list(plain(SHEET)) == list(DOCUMENT)


def test_a_dataclass_that_was_written_as_json_is_read_back_equal() -> None:
    assert from_plain(Sheet, json.loads(json.dumps(plain(SHEET)))) == SHEET


@pytest.mark.parametrize("value", [Recipe(name="a", summary="b", augment=("crop", "stain")), Preprocessing()])
def test_recipes_and_preprocessing_are_read_back_equal(value: Any) -> None:
    assert from_plain(type(value), json.loads(json.dumps(plain(value)))) == value


def test_an_optional_field_is_a_key_only_when_it_has_a_value() -> None:
    assert "note" not in plain(SHEET)
    noted = replace(SHEET, note="look")
    assert plain(noted) == {**DOCUMENT, "note": "look"}
    assert from_plain(Sheet, plain(noted)) == noted


def test_reading_does_not_change_the_kind_of_a_number() -> None:
    read = from_plain(Sheet, {**DOCUMENT, "low": 0, "options": {"whole": 2, "part": 2.0}})
    assert isinstance(read.range.low, float)
    assert isinstance(read.options["whole"], int)
    assert isinstance(read.options["part"], float)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cell": {"row": 1}}, "cell.color is missing"),
        ({"cell": {"rov": 1, "color": "red"}}, "cell.row is missing; cell.rov is unknown"),
        ({"cell": {}}, "cell.row, cell.color are missing"),
        ({"extra": 1, "more": 2}, "extra, more are unknown"),
        ({"range": {}}, "range is unknown"),
        ({"cell": None}, "cell must be a mapping of names to values, not None"),
        ({"cell": [1]}, "cell must be a mapping of names to values, not [1]"),
        ({"spare": {"row": "1", "color": "red"}}, "spare.row must be a whole number, not '1'"),
        ({"spare": 3}, "spare must be a mapping of names to values, not 3"),
        ({"title": 7}, "title must be a string, not 7"),
        ({"cells": [{"row": 1, "color": "green"}]}, "cells[0].color must be one of red, blue, not 'green'"),
        ({"cells": {"row": 1}}, "cells must be a list of lists or mappings, not {'row': 1}"),
        ({"matrix": [[1, 2], 3]}, "matrix[1] must be a list of whole numbers, not 3"),
        ({"matrix": [[1, True]]}, "matrix[0][1] must be a whole number, not True"),
        ({"pair": [1]}, "pair must be 2 numbers, not [1]"),
        ({"low": 10**400}, "low must be a number, not a number of 1,329 bits"),
        ({"pair": [0.5, float("nan")]}, "pair[1] must be a number, not nan"),
        ({"names": {"a b": "x"}}, "names['a b'] must be a list of strings, not 'x'"),
        ({"names": {3: ["x"]}}, "names: a name must be a string, not 3"),
        ({"options": {"size": [1]}}, "options.size must be a string or a whole number"),
        ({"options": "none"}, "options must be a mapping of names to values, not 'none'"),
        ({"high": 0.0}, "low must not be above high"),
        ({"note": 3}, "note must be a string or none, not 3"),
    ],
)
def test_an_invalid_document_is_refused_and_the_key_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        from_plain(Sheet, {**DOCUMENT, **change})


@pytest.mark.parametrize("key", list(DOCUMENT))
def test_a_missing_key_is_named_even_if_its_field_has_a_default(key: str) -> None:
    with pytest.raises(ValueError, match=f"^{key} is missing$"):
        from_plain(Sheet, {name: value for name, value in DOCUMENT.items() if name != key})


@pytest.mark.parametrize("values", [None, [], "text", 3])
def test_a_document_that_is_no_mapping_is_refused(values: Any) -> None:
    with pytest.raises(ValueError, match=r"^must be a mapping of names to values"):
        from_plain(Sheet, values)


def test_errors_begin_with_the_key_that_the_caller_gives() -> None:
    with pytest.raises(ValueError, match=r"^training.cell.row is missing"):
        from_plain(Sheet, {**DOCUMENT, "cell": {"color": "red"}}, key="training")
    with pytest.raises(ValueError, match=r"^training: low must not be above high"):
        from_plain(Sheet, {**DOCUMENT, "low": 3}, key="training")


def test_long_values_in_a_document_are_cut_short_in_errors() -> None:
    for change in ({"title": ["x" * 10_000]}, {"x" * 10_000: 1}, {"\033[2J" * 1000: 1}, {"cell": "x" * 10_000}):
        with pytest.raises(ValueError, match=r"is unknown$|must be") as caught:
            from_plain(Sheet, {**DOCUMENT, **change})
        assert len(str(caught.value)) < LONGEST + 100
        assert "\033" not in str(caught.value)
