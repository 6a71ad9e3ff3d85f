from __future__ import annotations

import pytest

from zoo.errors import UnknownNameError
from zoo.metrics.number_text import stated
from zoo.registry import registry
from zoo.reproduction.paper_table import paper_table, paper_tables


@pytest.mark.parametrize(("paper", "rows", "numbers"), [("liu2023", 10, 240), ("guo2024", 12, 24), ("kim2023", 5, 20)])
def test_a_papers_table_has_every_row_and_number_that_the_paper_states(paper: str, rows: int, numbers: int) -> None:
    table = paper_table(paper)
    assert len(table.rows) == rows
    assert sum(len(measures) for row in table.rows for measures in row.claims.values()) == numbers
    assert all(set(row.claims) == set(table.columns) for row in table.rows)


def test_the_papers_numbers_are_shown_with_the_digits_that_they_are_printed_with() -> None:
    shown = {
        (row.name, measure): stated(value, table.paper.digits)
        for table in map(paper_table, ("liu2023", "guo2024", "kim2023"))
        for row in table.rows
        for measures in row.claims.values()
        for measure, value in measures.items()
    }
    assert shown["dala", "accuracy"] == "0.970", "at 400x, the last column"
    assert shown["lung_frelu", "accuracy"] == "0.8283"
    assert shown["lung_frelu", "precision"] == "0.8300"
    assert shown["cbam110", "accuracy"] == "0.910"


def test_the_columns_of_breakhis_have_as_many_images_as_its_owners_state() -> None:
    archive = registry().source("breakhis").archive
    assert archive is not None
    of_size = {size: sum(row[size] for row in archive.images.values()) for size in ("40", "100", "200", "400")}
    columns = paper_table("liu2023").columns.values()
    assert {column.options["magnification"]: column.images for column in columns} == of_size
    (everything,) = paper_table("guo2024").columns.values()
    assert everything.images == sum(of_size.values())


@pytest.mark.parametrize("paper", ["liu2023", "guo2024", "kim2023"])
def test_every_model_has_the_papers_number_of_parameters_or_says_why_not(paper: str) -> None:
    for row in paper_table(paper).rows:
        if row.claimed_parameters is None:
            continue
        counted = row.parameters  # which the conformance kit counts
        if row.claimed_options:
            network = registry().model(row.name).with_options(row.claimed_options).build(2)
            counted = sum(parameter.numel() for parameter in network.parameters())
        assert counted == row.claimed_parameters or any(f"{row.claimed_parameters:,}" in one for one in row.readings)


def test_an_unknown_paper_row_or_column_is_refused_with_the_closest_name() -> None:
    with pytest.raises(UnknownNameError, match="unknown paper 'liu2032'") as caught:
        paper_table("liu2032")
    assert caught.value.hint == "did you mean liu2023?"
    with pytest.raises(UnknownNameError) as caught:
        paper_table("liu2023").chosen(models=["dalla"])
    assert caught.value.hint == "did you mean dala?"
    with pytest.raises(UnknownNameError) as caught:
        paper_table("liu2023").chosen(columns=["401x"])
    assert "40x" in (caught.value.hint or "")


def test_rows_and_columns_are_chosen_by_name_or_by_the_end_of_a_columns_name() -> None:
    chosen = paper_table("liu2023").chosen(models=["dala"], columns=["400x", "breakhis 40x"])
    assert [row.name for row in chosen.rows] == ["dala"]
    assert list(chosen.columns) == ["breakhis 40x", "breakhis 400x"]


def test_a_paper_without_results_cannot_be_reproduced() -> None:
    assert set(paper_tables()) == {"liu2023", "guo2024", "kim2023"}
