from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import torch

from zoo.runs import Run
from zoo_demo.leaderboard_html import leaderboard
from zoo_demo.models import load_models


def _table(*models: Path) -> tuple[str, list[list[str]]]:
    page = leaderboard(load_models([str(model) for model in models], device=torch.device("cpu")))
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("</tr>")[:-1]]
    return page, [[unescape(re.sub(r"<[^>]+>", "", cell)) for cell in row] for row in cells]


def test_each_figure_has_its_data_split_unit_and_interval(calibrated: Run, bundles: dict[str, Path]) -> None:
    _, (first, last) = _table(bundles["fresh"], calibrated.path)
    measures = calibrated.metrics.measures
    low, high = measures.intervals["balanced_accuracy"] or (0, 0)
    assert first[0].startswith(calibrated.path.name)
    assert first[1] == f"{measures.values['balanced_accuracy']:.3f} {low:.3f} to {high:.3f}"
    assert first[4:6] == [calibrated.metrics.data.name, "test part, split by patient, seed 0"]
    assert first[6:8] == [str(measures.samples), str(measures.groups)]
    assert last[0].startswith("fresh")
    assert last[1:4] == ["–", "–", "–"]


def test_the_patients_own_answers_are_a_column(calibrated: Run) -> None:
    answers = calibrated.metrics.patients
    assert answers is not None
    assert answers.measures is not None
    _, (row,) = _table(calibrated.path)
    assert row[3].startswith(f"{answers.measures.values['balanced_accuracy']:.3f}")


def test_rows_of_different_images_are_said_not_to_be_comparable(calibrated: Run, trained: Run) -> None:
    assert "The rows are of different images" in _table(calibrated.path, trained.path)[0]
    assert "All rows are of the same images" in _table(calibrated.path, calibrated.bundle)[0]
