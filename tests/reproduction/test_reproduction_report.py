from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.reports.pages import Elements
from tests.reproduction.conftest import Lab
from zoo.reproduction.results_text import not_done


@pytest.fixture
def written(lab: Lab) -> tuple[Elements, str, str]:
    """The page, its source, and the same as Markdown."""
    made = lab.reproduce({"plain": [0.75], "squeezed": [0.75]}, (0.7, 0.85))
    source = (made.path / "report.html").read_text()
    return Elements(source), source, (made.path / "report.md").read_text()


def test_the_report_asks_no_other_host_for_anything(written: tuple[Elements, str, str]) -> None:
    page, source, _ = written
    for tag, attributes in page.elements:
        assert tag not in ("script", "link", "iframe", "object", "img")
        assert not {"src", "xlink:href", "srcset", "action"} & {
            name for name, value in attributes.items() if not (value or "").startswith("#")
        }
    assert "@import" not in source
    assert "url(http" not in source


def test_texts_of_a_registry_file_are_escaped_in_both_formats(written: tuple[Elements, str, str]) -> None:
    page, source, markdown = written
    assert "Tiny <networks>" in page.text
    assert "<networks>" not in source
    assert "<open>" not in re.sub(r"\\.", "", markdown)


def test_both_formats_have_the_answer_before_the_first_number_and_every_number_with_its_verdict(
    written: tuple[Elements, str, str],
) -> None:
    page, _, markdown = written
    answer = "Of 2 accuracies in the paper, 1 agrees with ours, 1 differs, and 0 cannot be compared."
    for text in (page.text, markdown):
        assert text.index(answer) < text.index("0.750")
    assert "| plain | accuracy | 0.8 | 0.750 | 0.700 to 0.850 | -0.050 | agrees |" in markdown
    assert "| squeezed | accuracy | 0.9 | 0.750 | 0.700 to 0.850 | -0.150 | differs |" in markdown


def test_the_training_curves_have_a_line_for_each_model(written: tuple[Elements, str, str]) -> None:
    page, _, markdown = written
    assert sum(tag == "svg" for tag, _ in page.elements) == 3
    for name in ("Training loss", "Validation loss", "Validation accuracy"):
        assert re.search(rf"{name} by epoch: plain: .*; squeezed: ", markdown)


def test_of_data_without_patients_it_is_not_said_that_images_of_one_are_in_both_parts(lab: Lab) -> None:
    results = lab.reproduce({"plain": [0.75], "squeezed": [0.75]}, (0.7, 0.85)).results
    known = replace(results, splits=("image",), data=tuple(replace(one, test_patients=7) for one in results.data))
    assert any(line.startswith("Nothing was measured on new patients") for line in not_done(known))
    unknown = replace(known, data=tuple(replace(one, test_patients=None) for one in results.data))
    assert any(line.startswith("Whether anything was measured on new patients is not") for line in not_done(unknown))
