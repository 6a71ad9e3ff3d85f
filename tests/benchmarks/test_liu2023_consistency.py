"""The figures that `registry.yaml` states of table 5 in Liu (2023)."""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest

from tests.benchmarks.scripts import script


@pytest.fixture(scope="module")
def cells() -> dict[tuple[str, str], Any]:
    """The 40 cells of the table."""
    return {(cell.model, cell.magnification): cell for cell in script("liu2023_consistency").cells()}


def test_12_of_the_40_results_are_impossible_at_the_share_of_benign_images_in_breakhis(cells: dict[Any, Any]) -> None:
    assert len(cells) == 40
    impossible = {key for key, cell in cells.items() if cell.is_impossible()}
    assert impossible == {
        (model, magnification)
        for model in ("dala", "vgg16inception", "resnet34")
        for magnification in ("40x", "100x", "200x", "400x")
    }
    assert cells["dala", "40x"].malignant_rate == pytest.approx(1.08, abs=0.005)


def test_all_results_fit_some_share_of_benign_images(cells: dict[Any, Any]) -> None:
    shares = [cell.fitting_share() for cell in cells.values()]
    assert None not in shares
    assert (min(shares), median(shares), max(shares)) == pytest.approx((0.232, 0.259, 0.409), abs=0.002)


def test_one_weighted_f1_is_higher_than_the_f1_of_both_classes(cells: dict[Any, Any]) -> None:
    high = {key for key, cell in cells.items() if cell.f1_weighted - 0.0005 > cell.highest_weighted_f1()}
    assert high == {("dala", "200x")}
    assert cells["dala", "200x"].highest_weighted_f1() == pytest.approx(0.983, abs=0.001)


def test_the_shares_reproduce_accuracy_f1_and_gmean() -> None:
    """30 benign images, 24 right, and 70 malignant ones, 63 right."""
    module = script("liu2023_consistency")
    accuracy, f1 = 87 / 100, 2 * 24 / (30 + 24 + 7)
    assert module.right_shares(accuracy, f1) == pytest.approx((0.24, 0.63))
    assert module.other_f1(accuracy, f1) == pytest.approx(2 * 63 / (70 + 63 + 6))
    cell = module.Cell(
        model="", magnification="40x", accuracy=accuracy, f1=f1, f1_weighted=0, gmean=(24 / 30 * 63 / 70) ** 0.5
    )
    assert cell.fitting_share() == pytest.approx(0.3, abs=0.001)
