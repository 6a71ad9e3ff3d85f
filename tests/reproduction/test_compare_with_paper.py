from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t

from tests.reproduction.conftest import Lab, cell
from zoo.reproduction.compare_with_paper import range_of_runs

pytestmark = pytest.mark.usefixtures("empty_charts")

BOTH = {"plain": [0.75], "squeezed": [0.75]}


def test_a_number_of_the_paper_agrees_if_it_lies_in_our_interval_and_differs_if_not(lab: Lab) -> None:
    found = lab.reproduce(BOTH, (0.7, 0.85))
    agrees, differs = cell(found, "plain"), cell(found, "squeezed")
    assert (agrees.paper, agrees.ours, agrees.interval, agrees.verdict) == (0.8, 0.75, (0.7, 0.85), "agrees")
    assert (differs.paper, differs.verdict) == (0.9, "differs")
    assert differs.difference == pytest.approx(-0.15)
    assert found.results.counts() == {"agrees": 1, "differs": 1}
    assert found.results.answer == (
        "Of 2 accuracies in the paper, 1 agrees with ours, 1 differs, and 0 cannot be compared."
    )


def test_a_measure_that_the_paper_defines_otherwise_is_not_compared(lab: Lab) -> None:
    iba = cell(lab.reproduce(BOTH, (0.7, 0.85)), "plain", "iba")
    assert (iba.verdict, iba.reasons) == ("not comparable", ("defined differently in the paper",))
    assert iba.difference == pytest.approx(0.05)


def test_seconds_stand_beside_the_papers_and_are_never_said_to_agree(lab: Lab) -> None:
    seconds = cell(lab.reproduce(BOTH, (0.7, 0.85)), "plain", "convergence_seconds")
    outcome = lab.like.record.outcome
    assert outcome is not None
    assert (seconds.paper, seconds.ours) == (3.5, outcome.seconds_to_best)
    assert (seconds.verdict, seconds.reasons) == ("not comparable", ("seconds depend on the computer",))


def test_a_number_without_an_interval_is_not_compared_and_says_why(lab: Lab) -> None:
    found = cell(lab.reproduce(BOTH, None), "plain")
    assert (found.verdict, found.reasons) == ("not comparable", ("there is no interval",))


def test_another_split_than_the_papers_makes_every_number_not_comparable(lab: Lab) -> None:
    found = cell(lab.reproduce(BOTH, (0.7, 0.85), split="patient"), "plain")
    assert (found.verdict, found.reasons) == ("not comparable", ("split by patient, in the paper by image",))


def test_an_incomplete_copy_of_the_data_makes_every_number_not_comparable(lab: Lab) -> None:
    lab.register(images=1995)
    found = cell(lab.reproduce(BOTH, (0.7, 0.85)), "plain")
    assert (found.verdict, found.reasons) == ("not comparable", ("40 of 1,995 images",))


def test_other_data_than_the_papers_make_every_number_not_comparable(lab: Lab) -> None:
    lab.register(source="lung")
    found = cell(lab.reproduce(BOTH, (0.7, 0.85)), "plain")
    assert (found.verdict, found.reasons) == ("not comparable", (f"other data: {lab.like.metrics.data.name}",))


def test_training_from_scratch_is_not_compared_with_a_paper_that_starts_from_pretrained_weights(lab: Lab) -> None:
    lab.register(plain="resnet34")
    found = lab.reproduce(BOTH, (0.7, 0.85))
    assert cell(found, "plain").reasons == ("trained from scratch, without pretrained weights",)
    assert cell(found, "squeezed").verdict == "differs"  # there are no pretrained weights of this network


def test_every_number_of_a_smoke_run_is_marked_in_results_and_reports(lab: Lab) -> None:
    found = lab.reproduce(BOTH, (0.7, 0.85), budget="smoke")
    assert all("smoke run" in one.reasons and one.verdict == "not comparable" for one in found.results.cells)
    rows = [line for line in (found.path / "report.md").read_text().splitlines() if line.startswith("| plain | ")]
    assert "| plain | 0.8 / 0.750, smoke run |" in rows
    compared = [row for row in rows if "accuracy" in row or "IBA" in row]
    assert len(compared) == 2
    assert all("not comparable: smoke run" in row for row in compared)
    assert found.results.answer == (
        "This was a smoke run, which says nothing about the paper: every row was trained and evaluated."
    )


def test_with_several_runs_the_interval_is_where_a_single_run_is_expected(lab: Lab) -> None:
    found = cell(lab.reproduce({"plain": [0.70, 0.74, 0.78], "squeezed": [0.7] * 3}, (0.0, 1.0), seeds=3), "plain")
    reach = t.ppf(0.975, 2) * 0.04 * math.sqrt(1 + 1 / 3)
    assert found.ours == pytest.approx(0.74)
    assert found.interval == pytest.approx((0.74 - reach, 0.74 + reach))
    assert (found.interval_of, found.runs, found.verdict) == ("runs", 3, "agrees")


def test_runs_with_the_same_accuracy_do_not_say_that_the_paper_differs(lab: Lab) -> None:
    found = cell(lab.reproduce({"plain": [0.75, 0.75], "squeezed": [0.75, 0.75]}, seeds=2), "plain")
    assert (found.ours, found.interval, found.verdict) == (0.75, None, "not comparable")
    assert found.reasons == ("the same in every run, which does not show how single runs vary",)


def test_the_range_of_single_runs_contains_the_next_run_in_95_percent_of_cases() -> None:
    runs = np.random.default_rng(0).normal(0.8, 0.03, (2000, 5))
    inside = []
    for values in runs:
        low, high = range_of_runs([float(value) for value in values[:4]], bounds=(0, math.inf))
        inside.append(low <= values[4] <= high)
    assert abs(np.mean(inside) - 0.95) < 0.015


def test_a_run_that_failed_leaves_a_failed_cell_with_its_error_and_the_others_are_compared(lab: Lab) -> None:
    folder, (grid,) = lab.folder()
    lab.finish(folder.path / grid.name, "plain", 0.75, (0.7, 0.85))
    lab.fail(folder.path / grid.name, "squeezed", "CUDA out of memory")
    found = lab.results(folder)
    assert cell(found, "plain").verdict == "agrees"
    failed = cell(found, "squeezed")
    assert (failed.verdict, failed.ours, failed.reasons) == ("failed", None, ("CUDA out of memory",))
    assert found.failures == {f"{grid.name}/squeezed-seed0": "CUDA out of memory"}
    assert "1 was not measured" in found.answer
