from __future__ import annotations

import math
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from zoo.config import values as typed
from zoo.spec import Scalar

Color = Literal["red", "blue"]
Three = tuple[float, float, float]


class Level(IntEnum):
    HIGH = 3


class Name(str, Enum):
    ONE = "one"


@pytest.mark.parametrize(
    ("text", "hint", "value"),
    [
        ("5", int, 5),
        (" -5 ", int, -5),
        ("1e-4", float, 1e-4),
        ("3", float, 3.0),
        ("yes", bool, True),
        ("FALSE", bool, False),
        ("no", str, "no"),
        ("", str, ""),
        ("red", Color, "red"),
        ("2", Literal[1, 2], 2),
        ("0.6,0.1,0.3", Three, (0.6, 0.1, 0.3)),
        ("a, b", tuple[str, ...], ("a", "b")),
        ("", tuple[str, ...], ()),
        ("none", int | None, None),
        ("~", str | None, None),
        ("7", int | None, 7),
        ("40", Scalar, 40),
        ("4.5", Scalar, 4.5),
        ("1e3", Scalar, 1000.0),
        ("true", Scalar, True),
        ("all", Scalar, "all"),
        ("null", Scalar, None),
        ("40", str | None, "40"),
        (" a b ", str, " a b "),
        (" a b ", Path | None, Path(" a b ")),
        (" none ", Path | None, None),
    ],
)
def test_text_is_read_as_its_declared_type(text: str, hint: Any, value: object) -> None:
    read = typed.parse(text, hint)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "hint", "said"),
    [
        ("ten", int, "a whole number, not 'ten'"),
        ("1.5", int, "a whole number"),
        ("much", float, "a number"),
        ("nan", float, "a number, not 'nan'"),
        ("-inf", float, "a number"),
        ("1e999", float | None, "number"),
        ("maybe", bool, "true or false"),
        ("green", Color, "one of red, blue, not 'green'"),
        ("0.5,0.5", Three, "3 numbers"),
        ("0.5,0.5,x", Three, "a number, not 'x'"),
        ("x", int | None, "a whole number or none"),
        ("", int, "a whole number, not ''"),
    ],
)
def test_text_that_does_not_fit_the_declared_type_is_refused(text: str, hint: Any, said: str) -> None:
    with pytest.raises(ValueError, match=r"^must be ") as caught:
        typed.parse(text, hint)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("value", "hint", "kept"),
    [
        (5, int, 5),
        (5, float, 5.0),
        (True, bool, True),
        ([1, 2, 3], Three, (1.0, 2.0, 3.0)),
        (("a",), tuple[str, ...], ("a",)),
        (None, int | None, None),
        (40, Scalar, 40),
        (True, Scalar, True),
        (2.5, Scalar, 2.5),
        ("blue", Color, "blue"),
        (np.int64(3), int, 3),
        (np.int64(3), float, 3.0),
        (np.float32(0.5), float, 0.5),
        (np.int64(3), int | None, 3),
        (np.int64(40), Scalar, 40),
        (Level.HIGH, int, 3),
        (np.str_("a"), str, "a"),
        (np.str_("blue"), Color, "blue"),
        (Name.ONE, str, "one"),
    ],
)
def test_a_value_is_kept_as_its_declared_type(value: object, hint: Any, kept: object) -> None:
    found = typed.check(value, hint)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("value", "hint", "said"),
    [
        (True, int, "a whole number, not True"),
        (True, float, "a number, not True"),
        (1, bool, "true or false, not 1"),
        (5.0, int, "a whole number, not 5.0"),
        ("5", int, "a whole number, not '5'"),
        (5, str, "a string, not 5"),
        (math.nan, float, "a number, not nan"),
        (math.inf, float | None, "not inf"),
        ([0.5, 0.5], Three, "3 numbers, not [0.5, 0.5]"),
        ("abc", tuple[str, ...], "a list of strings, not 'abc'"),
        (["a", 1], tuple[str, ...], "a string, not 1"),
        ([1], Scalar, "not [1]"),
        ("green", Color, "one of red, blue"),
        (None, str, "a string, not None"),
        (np.bool_(True), bool, "true or false, not"),
        (np.bool_(True), int, "a whole number, not"),
        (np.float32(5), int, "a whole number, not"),
        (np.float32("nan"), float, "a number, not"),
        ("a\0b", Path, "a path, not 'a\\x00b'"),
    ],
)
def test_a_value_of_another_type_is_refused(value: object, hint: Any, said: str) -> None:
    with pytest.raises(ValueError, match=r"^must be ") as caught:
        typed.check(value, hint)
    assert said in str(caught.value)


def test_types_are_described_in_plain_words() -> None:
    assert typed.describe(int | None) == "a whole number or none"
    assert typed.describe(Three) == "3 numbers"
    assert typed.describe(tuple[str, ...]) == "a list of strings"
    assert typed.describe(Color) == "one of red, blue"
