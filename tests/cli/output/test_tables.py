"""Tables, facts and JSON as they are printed."""

from __future__ import annotations

import pytest

from zoo.cli.output.tables import print_facts, print_json, print_table, table_lines

ROWS = [["dala", "24,038,594", "one block of attention on the last stage"], ["vgg16", "134,268,738", ""]]
COLUMNS = ["name", "parameters", "what it is"]


def test_columns_are_aligned_with_their_headings() -> None:
    assert table_lines(COLUMNS, ROWS, right=["parameters"]) == [
        "name     parameters   what it is",
        "──────────────────────────────────────────────────────────────",
        "dala     24,038,594   one block of attention on the last stage",
        "vgg16   134,268,738",
    ]


def test_the_widest_column_is_wrapped_to_the_width() -> None:
    assert table_lines(COLUMNS, ROWS, width=40) == [
        "name    parameters    what it is",
        "────────────────────────────────────────",
        "dala    24,038,594    one block of",
        "                      attention on the",
        "                      last stage",
        "vgg16   134,268,738",
    ]


@pytest.mark.parametrize("width", [1, 20, 31, 47, 63, 64, 200])
def test_wrapping_loses_no_text_at_any_width(width: int) -> None:
    folded = table_lines(COLUMNS, ROWS, width=width)
    assert "".join("".join(folded).split()).count("attention") == 1
    if width >= 3 * 8 + 6:
        assert max(map(len, folded)) <= width


def test_a_word_is_not_broken_while_another_column_can_be_narrower() -> None:
    lines = table_lines(["model", "balanced accuracy", "recall (sensitivity)"], [["a", "0.1 ± 0.2", "0.3"]], width=35)
    assert [line.split() for line in lines[:2]] == [["model", "balanced", "recall"], ["accuracy", "(sensitivity)"]]


def test_a_cell_with_line_breaks_keeps_its_lines() -> None:
    assert table_lines(["plugin", "why"], [["mine", "it is broken\n  mend it"]])[2:] == [
        "mine     it is broken",
        "           mend it",
    ]


def test_columns_with_chinese_characters_and_combining_accents_are_aligned() -> None:
    lines = table_lines(["class", "n"], [["良性", "1"], ["be\u0301nin", "2"]])
    assert lines[2:] == ["良性    1", "be\u0301nin   2"]


def test_a_table_without_rows_is_its_heading_and_rule() -> None:
    assert table_lines(["name", "n"], []) == ["name   n", "────────"]


def test_a_printed_table_is_not_wrapped_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["name", "summary"], [["dala", "word " * 100 + "end"]])
    assert "word end" in capsys.readouterr().out.splitlines()[-2]


def test_facts_without_a_value_are_left_out_and_the_others_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    print_facts([("name", "dala"), ("paper", ""), ("parameters", "24\n25")])
    assert capsys.readouterr().out.splitlines() == ["name        dala", "parameters  24", "            25"]


def test_json_is_printed_with_its_letters_unescaped(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"class": "良性"})
    assert capsys.readouterr().out == '{\n  "class": "良性"\n}\n'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_document_that_would_not_be_json_is_not_printed(value: float, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        print_json({"rows": [{"probability": value}]})
    assert capsys.readouterr().out == ""
