"""Text for people."""

from __future__ import annotations

import pytest

from zoo.text import cut_short


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
def test_a_long_list_is_cut_and_says_how_many_more_there_are(names: list[str], text: str) -> None:
    assert cut_short(names, 2) == text


def test_lines_end_in_a_line_that_says_how_many_more_there_are() -> None:
    assert cut_short(["a", "b", "c"], 2, separator="\n  ") == "a\n  b\n  and 1 more"
