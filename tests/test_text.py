"""Text for people."""

from __future__ import annotations

from typing import Any

import pytest

from zoo.text import LONGEST, cut_short, quoted


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a, b"),
        (["a", "b", "c"], "a, b and 1 more"),
        (["x"] * 1002, "x, x and 1,000 more"),
    ],
)
def test_a_long_list_is_cut_short_with_the_number_of_others(names: list[str], text: str) -> None:
    assert cut_short(names, 2) == text


def test_a_long_list_of_lines_ends_in_a_line_with_the_number_of_others() -> None:
    assert cut_short(["a", "b", "c"], 2, separator="\n  ") == "a\n  b\n  and 1 more"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb", "'a\\nb'"),
        (1e-4, "0.0001"),
        ([1, "a", None], "[1, 'a', None]"),
        ([1] * 9, "[1, 1, 1, 1, 1, 1, 1, 1, ...]"),
        (10**5000, "a number of 16,610 bits"),
    ],
    ids=["text", "float", "list", "long list", "number"],
)
def test_a_value_is_quoted_as_python_writes_it_and_cut_short(value: Any, text: str) -> None:
    assert quoted(value) == text


def test_no_more_of_a_value_is_written_than_is_quoted() -> None:
    bomb: list[Any] = ["x"] * 10
    for _ in range(30):
        bomb = [bomb] * 10  # written out, it would have 10^31 texts
    for long in (bomb, {"a": bomb}, "x" * 10_000, {"x" * 10_000: 1}):
        assert len(quoted(long)) <= LONGEST + 3
