from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import torch

from zoo import train
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


def test_the_sizes_of_very_large_and_very_small_models_have_no_exponent(calibrated: Run) -> None:
    (model,) = load_models([str(calibrated.path)], device=torch.device("cpu"))
    assert ">1,843 M</td>" in leaderboard([replace(model, parameters=1_843_000_000)])
    assert ">&lt; 0.001 M</td>" in leaderboard([replace(model, parameters=10)])


def _comparable(*models: Path) -> str:
    found = re.search(r"<p>([^<]*)</p><div", _table(*models)[0])
    assert found is not None
    return unescape(found[1])


Changed = Callable[..., Path]


@pytest.fixture
def changed(calibrated: Run, tmp_path: Path) -> Changed:
    """Copy a bundle, with other values in a mapping of its metrics.json; None takes one away."""

    def write(name: str, part: str, **values: Any) -> Path:
        folder = Path(shutil.copytree(calibrated.bundle, tmp_path / name))
        metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
        both = {**metrics[part], **values}
        metrics[part] = {key: value for key, value in both.items() if value is not None}
        (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
        return folder

    return write


def test_rows_of_different_data_are_said_not_to_be_comparable(calibrated: Run, trained: Run) -> None:
    assert _comparable(calibrated.path, trained.path) == "The rows are of different images: do not compare them."


def test_rows_of_the_same_images_are_said_to_be(calibrated: Run, changed: Changed) -> None:
    measured = calibrated.metrics.data.name
    assert _comparable(calibrated.path, calibrated.bundle) == (
        f"All rows are of the same images: {measured}, test part, split by patient, seed 0."
    )
    other = changed("other", "split", seed=1)
    assert _comparable(calibrated.path, other) == f"All rows are of the same images: {measured}."


def test_two_splits_in_the_same_words_with_other_shares_have_different_images(
    calibrated: Run, quick: dict[str, Any], tmp_path: Path
) -> None:
    settings = {**quick, "data": "csv", "root": calibrated.record.config.data.root, "epochs": 1}
    other = train("resnet20", out=tmp_path / "other", fractions=(0.6, 0.2, 0.2), **settings)
    _, rows = _table(calibrated.path, other.path)
    assert rows[0][4:6] == rows[1][4:6]
    assert _comparable(calibrated.path, other.path) == "The rows are of different images: do not compare them."
    assert _comparable(calibrated.path, other.path, other.bundle) == (
        "The rows are of different images: compare only those of the same images, other and other (2)."
    )


def test_the_images_of_an_older_bundle_are_not_known_to_be_the_same(calibrated: Run, changed: Changed) -> None:
    older = changed("older", "split", images_hash=None)
    assert _comparable(older, older) == (
        "The rows may be of different images: which images were measured is not known of older and older (2)."
    )
    assert _comparable(older, calibrated.path, calibrated.bundle) == (
        "The rows may be of different images: which images were measured is not known of older. Of the same images "
        "are calibrated and calibrated (2)."
    )


def test_rows_of_the_same_images_of_data_that_have_changed_are_not_compared(calibrated: Run, changed: Changed) -> None:
    grown = changed("grown", "data", fingerprint="a1b2")
    assert _comparable(calibrated.path, grown) == "The rows are of different data: do not compare them."
