"""Text for people."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zoo.text import (
    LONGEST,
    cut_short,
    is_line,
    percent,
    printable,
    printable_json,
    probability_percent,
    quoted,
    storage_size,
)


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


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (999.6, "1 kB"),
        (1_234, "1.23 kB"),
        (999_600, "1 MB"),
        (94_040_000, "94 MB"),
        (4_273_000_000, "4.27 GB"),
        (5e15, "5,000 TB"),
    ],
)
def test_a_size_has_the_unit_in_which_it_can_be_read(count: float, text: str) -> None:
    assert storage_size(count) == text


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


CONTROL = ("\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\x7f", "\x00", "\r", "\u202e", "\u2066", "\u2028", "\ud800")


@pytest.mark.parametrize("control", CONTROL)
def test_control_characters_are_printed_as_escapes(control: str) -> None:
    shown = printable(f"a{control}b")
    assert shown.isprintable()
    assert shown.startswith("a\\")
    assert printable(shown) == shown


@pytest.mark.parametrize("text", ["one line", "two\nlines", "a\ttab", "é \u0e01\u0e33 \u200d \U0001f52c", ""])
def test_text_of_any_language_is_printed_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize("control", CONTROL)
def test_json_is_printed_without_control_characters_and_means_the_same(control: str) -> None:
    document = {"name": f"a{control}b"}
    shown = printable_json(json.dumps(document, ensure_ascii=False, indent=2))
    assert printable(shown) == shown
    assert json.loads(shown) == document


def test_a_name_is_one_line_without_control_characters() -> None:
    assert is_line("Adenocarcinoma (\u00e0 grandes cellules)", longest=255)
    assert not any(is_line(f"a{control}b", longest=255) for control in (*CONTROL, "\n", "\t"))
    assert not is_line("", longest=255)
    assert not is_line("x" * 256, longest=255)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (0.0001, "< 0.1 %"),
        (0.0031, "0.3 %"),
        (0.5, "50.0 %"),
        (0.9962, "99.6 %"),
        (0.9994, "99.9 %"),
        (0.9996, "> 99.9 %"),
        (1, "100 %"),
    ],
)
def test_only_a_share_that_is_none_or_all_is_0_or_100_percent(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "< 0.1 %"),
        (0.0001, "< 0.1 %"),
        (0.5, "50.0 %"),
        (0.9994, "99.9 %"),
        (0.9996, "> 99.9 %"),
        (1.0, "> 99.9 %"),
    ],
)
def test_a_probability_is_never_rounded_to_certainty(value: float, text: str) -> None:
    assert probability_percent(value) == text
