"""Measures by a column of the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.evaluation.tables import Row, draw_table
from zoo import evaluate
from zoo.config.plain import from_plain, plain
from zoo.data.manifest import Sample
from zoo.errors import UnknownNameError, UsageError
from zoo.evaluation.by_column import break_down
from zoo.metrics.breakdown import Breakdown
from zoo.metrics.metrics_file import Metrics, read_metrics
from zoo.metrics.outputs import Outputs

pytestmark = pytest.mark.usefixtures("empty_charts")

SCANNERS = ("A,1", "second\nline", "", "Ä \x1b[31m")


def cells(patient: int, number: int) -> Row:
    return {
        "scanner": SCANNERS[number % 4],
        "magnification": f"{(40, 100, 200)[number % 3]}X",
        "site": "large" if patient < 11 else "small",
        "image": f"{patient}/{number}",
    }


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_table(
        tmp_path_factory.mktemp("data") / "images",
        patients=14,
        images=8,
        label=lambda patient, number: ("bright", "dark")[(patient + number // 4) % 2],
        columns=cells,
    )


def breakdown(model: Path, table: Path, column: str) -> Breakdown:
    found = evaluate(model, data="csv", root=table, by=column).metrics.breakdowns
    assert found is not None
    assert len(found) == 1
    return found[0]


def test_the_parts_of_a_column_have_all_images_and_each_its_own_measures(untrained: Path, table: Path) -> None:
    whole = evaluate(untrained, data="csv", root=table, by=["magnification", "site", "site"]).metrics
    assert whole.breakdowns is not None
    assert [one.column for one in whole.breakdowns] == ["magnification", "site"]
    for one in whole.breakdowns:
        parts = [part.measures for part in one.parts]
        assert sum(part.samples for part in parts) == whole.measures.samples == 112
        right = sum((part.values["accuracy"] or 0) * part.samples for part in parts)
        assert right / 112 == pytest.approx(whole.measures.values["accuracy"])
    assert [part.value for part in whole.breakdowns[0].parts] == ["40X", "100X", "200X"]


def test_empty_values_commas_line_breaks_and_visible_escape_codes_are_values_like_others(
    untrained: Path, table: Path
) -> None:
    parts = breakdown(untrained, table, "scanner").parts
    assert [part.value for part in parts] == ["A,1", "second\nline", "Ä \\x1b[31m", None]
    assert {part.measures.samples for part in parts} == {28}


def test_a_part_of_few_patients_is_named(untrained: Path, table: Path) -> None:
    found = breakdown(untrained, table, "site")
    assert [(part.value, part.few) for part in found.parts] == [("large", False), ("small", True)]
    assert found.note == "fewer than 10 patients, too few to compare: small"


def test_patients_are_a_column_too(untrained: Path, table: Path) -> None:
    found = breakdown(untrained, table, "patient")
    assert [part.measures.samples for part in found.parts] == [8] * 14
    assert all(part.few for part in found.parts)


def test_a_column_with_very_many_values_is_refused_before_the_images_are_scored(
    untrained: Path, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.evaluation.evaluation.Inference", None)
    with pytest.raises(UsageError, match="the column 'image' has 112 different values, such as '0/0', '0/1', '0/2'"):
        evaluate(untrained, data="csv", root=table, by="image")


def test_a_misspelt_column_is_refused_with_the_closest_one(untrained: Path, table: Path, tiles: Path) -> None:
    with pytest.raises(UnknownNameError) as caught:
        evaluate(untrained, data="csv", root=table, by="scaner")
    assert "did you mean scanner" in str(caught.value)
    with pytest.raises(UnknownNameError) as caught:
        evaluate(untrained, data="folder", root=tiles, by="scanner")
    assert "these images have labels and no other column" in str(caught.value)


def test_the_parts_are_in_metrics_json_and_read_again(untrained: Path, table: Path, tmp_path: Path) -> None:
    found = evaluate(untrained, data="csv", root=table, by="scanner")
    found.write(tmp_path / "report")
    assert read_metrics(tmp_path / "report" / "metrics.json") == found.metrics
    assert from_plain(Metrics, plain(found.metrics)) == found.metrics


def test_without_known_patients_small_parts_are_those_of_few_images(untrained: Path, tmp_path: Path) -> None:
    table = draw_table(
        tmp_path / "images",
        patients=40,
        images=1,
        label=lambda patient, number: ("bright", "dark")[patient % 2],
        columns=lambda patient, number: {"site": "a" if patient < 35 else "b"},
        known=False,
    )
    found = breakdown(untrained, table, "site")
    assert found.note == "fewer than 30 images, too few to compare: b"
    with pytest.raises(UnknownNameError, match="unknown column 'patient'"):
        breakdown(untrained, table, "patient")


def test_values_are_in_the_same_order_every_time_even_if_one_is_nan() -> None:
    for first in (0, 10, 20, 30):
        ordered = [*(str(number) for number in range(first + 7, first + 12)), "large", "nan"]
        samples = [Sample(path=Path("x"), key=value, label="a", group=None, facts={"size": value}) for value in ordered]
        labels, logits = np.zeros(len(ordered), dtype=int), np.zeros((len(ordered), 2))
        outputs = Outputs(labels=labels, logits=logits, classes=("a", "b"), groups=None, minority="b")
        found = break_down(samples, "size", outputs)
        assert [part.value for part in found.parts] == ordered
