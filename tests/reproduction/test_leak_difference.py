from __future__ import annotations

import pytest

from tests.reproduction.conftest import Lab, write_predictions
from zoo.reproduction.results import LeakCell, Results

BY_IMAGE = {
    "1": ("a", "dark", 3.0),
    "2": ("a", "bright", -2.0),
    "3": ("b", "dark", 1.0),
    "4": ("b", "bright", -1.0),
    "5": ("c", "dark", 2.0),
    "6": ("c", "bright", -3.0),
    "only by image": ("d", "dark", -9.0),
}
"""All right but the image that is in the test part of this split only."""
BY_PATIENT = {
    **{key: row for key, row in BY_IMAGE.items() if key != "only by image"},
    "3": ("b", "dark", -1.0),
    "5": ("c", "dark", -2.0),
    "only by patient": ("e", "dark", -9.0),
}
"""Two of the images that are in both test parts are wrong."""


def both_splits(lab: Lab) -> Results:
    folder, grids = lab.folder(split="both")
    for grid in grids:
        for model in ("plain", "squeezed"):
            run = lab.finish(folder.path / grid.name, model, 0.75, (0.7, 0.8))
            same = model == "squeezed" or grid.split == "image"
            write_predictions(run, BY_IMAGE if same else BY_PATIENT)
    return lab.results(folder)


def accuracy(results: Results, model: str) -> LeakCell:
    (found,) = (one for one in results.leak if (one.model, one.measure) == (model, "accuracy"))
    return found


def test_the_leak_is_worth_the_difference_on_the_images_that_both_splits_test(lab: Lab) -> None:
    found = accuracy(both_splits(lab), "plain")
    assert (found.images, found.patients) == (6, 3)
    assert (found.by_image, found.by_patient) == (1.0, pytest.approx(4 / 6))
    assert found.difference == pytest.approx(2 / 6)


def test_the_two_splits_are_compared_seed_by_seed(lab: Lab) -> None:
    folder, grids = lab.folder(split="both", seeds=2)
    for grid in grids:
        rows = BY_IMAGE if grid.split == "image" else BY_PATIENT
        for model in ("plain", "squeezed"):
            for seed in (0, 1):
                run = lab.finish(folder.path / grid.name, model, 0.75, (0.7, 0.8), seed=seed)
                write_predictions(run, {f"{seed}/{key}": row for key, row in rows.items()})
    found = accuracy(lab.results(folder), "plain")
    assert (found.images, found.patients) == (12, 3)
    assert found.difference == pytest.approx(2 / 6)


def test_a_model_that_answers_alike_under_both_splits_has_no_difference(lab: Lab) -> None:
    found = accuracy(both_splits(lab), "squeezed")
    assert (found.images, found.difference, found.interval) == (7, 0.0, None)
    assert "no interval" in found.reason


def test_seconds_and_single_splits_have_no_difference(lab: Lab) -> None:
    assert {one.measure for one in both_splits(lab).leak} == {"accuracy", "iba"}


def test_with_one_split_nothing_is_said_about_the_leak(lab: Lab) -> None:
    found = lab.reproduce({"plain": [0.75], "squeezed": [0.75]}, (0.7, 0.85))
    assert found.results.leak == ()
    assert "do not state the patients" in (found.path / "report.md").read_text()
