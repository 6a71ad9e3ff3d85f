"""The report of an evaluation by a column, and of patients."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation.tables import draw_table
from zoo import create_model, evaluate
from zoo.reports.evaluation_report import evaluation_report
from zoo.reports.report import Report


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Report:
    folder = tmp_path_factory.mktemp("report")
    model = create_model("resnet20", classes=["bright", "dark"]).save(folder / "model")
    table = draw_table(
        folder / "images",
        patients=12,
        images=4,
        label=lambda patient, number: ("light", "shade")[patient % 2],
        columns=lambda patient, number: {"scanner": ("<b>A|1</b>", "", "x\ny")[number % 3]},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        names = {"light": "bright", "shade": "dark"}
        found = evaluate(model, data="csv", root=table, by="scanner", class_map=names)
    return evaluation_report(found, model="resnet20", training=None, date="2026-01-01")


def test_the_report_has_the_measures_of_patients_and_says_how_they_answer(report: Report) -> None:
    for text in (report.html, report.markdown):
        assert "One answer for each of 12 patients: the mean of the logits of the patient" in text


def test_the_report_has_a_table_by_column_whose_values_are_escaped(report: Report) -> None:
    for text in (report.html, report.markdown):
        assert "By scanner" in text
        assert "(none)" in text
    assert "&lt;b&gt;A|1&lt;/b&gt;" in report.html
    assert "<b>A" not in report.html
    assert r"\<b\>A\|1\</b\>" in report.markdown
    assert r"| x\\ny |" in report.markdown


def test_the_report_says_which_classes_were_counted_as_which(report: Report) -> None:
    for text in (report.html, report.markdown):
        assert "Classes of the data were counted as those of the model: light as bright, shade as dark." in text
