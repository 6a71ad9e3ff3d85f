"""Tables, as they are printed."""

from __future__ import annotations

import pytest

from zoo.cli.output.tables import table

ROWS = [["dala", "24,038,594", "one block of attention on the last stage"], ["vgg16", "134,268,738", ""]]
COLUMNS = ["name", "parameters", "what it is"]


def test_columns_stand_under_their_heads() -> None:
    assert table(COLUMNS, ROWS, right=["parameters"]) == [
        "name     parameters   what it is",
        "──────────────────────────────────────────────────────────────",
        "dala     24,038,594   one block of attention on the last stage",
        "vgg16   134,268,738",
    ]


def test_the_widest_column_is_folded_to_the_width() -> None:
    assert table(COLUMNS, ROWS, width=40) == [
        "name    parameters    what it is",
        "────────────────────────────────────────",
        "dala    24,038,594    one block of",
        "                      attention on the",
        "                      last stage",
        "vgg16   134,268,738",
    ]


@pytest.mark.parametrize("width", [1, 20, 31, 47, 63, 64, 200])
def test_nothing_is_lost_at_any_width(width: int) -> None:
    folded = table(COLUMNS, ROWS, width=width)
    assert "".join("".join(folded).split()).count("attention") == 1
    if width >= 3 * 8 + 6:
        assert max(map(len, folded)) <= width


def test_an_error_of_several_lines_keeps_them() -> None:
    assert table(["plugin", "why"], [["mine", "it is broken\n  mend it"]])[2:] == [
        "mine     it is broken",
        "           mend it",
    ]


def test_wide_letters_and_accents_take_the_place_they_take() -> None:
    lines = table(["class", "n"], [["良性", "1"], ["be\u0301nin", "2"]])
    assert lines[2:] == ["良性    1", "be\u0301nin   2"]


def test_a_table_without_rows_is_its_head() -> None:
    assert table(["name", "n"], []) == ["name   n", "────────"]
