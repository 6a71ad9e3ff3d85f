"""Compared with numbers computed by hand, with Student's t from printed tables."""

from __future__ import annotations

import math

import numpy as np
import pytest

from zoo.metrics.across_runs import interval_over_units_and_runs, summarize_runs

T2, T9, T24 = 4.302653, 2.262157, 2.063899  # two-sided 95 %, with 2, 9 and 24 degrees of freedom


def test_the_spread_is_the_sample_standard_deviation() -> None:
    found = summarize_runs([0.7, 0.8, 0.9])
    assert found.runs == 3
    assert found.mean == pytest.approx(0.8)
    assert found.deviation == pytest.approx(0.1)  # sqrt((0.01 + 0 + 0.01) / 2)


def test_independent_runs_have_the_interval_of_students_t() -> None:
    found = summarize_runs([0.7, 0.8, 0.9])
    assert found.interval == pytest.approx((0.8 - 0.248414, 0.8 + 0.248414), abs=1e-6)  # 4.302653 * 0.1 * sqrt(1/3)


def test_runs_that_share_training_images_have_the_interval_of_nadeau_and_bengio() -> None:
    found = summarize_runs([0.7, 0.8, 0.9], held_out=0.25)
    assert found.interval == pytest.approx((0.8 - 0.328620, 0.8 + 0.328620), abs=1e-6)  # ... * sqrt(1/3 + 1/4)
    assert found.mean == pytest.approx(0.8)
    assert found.deviation == pytest.approx(0.1)


@pytest.mark.parametrize(("runs", "t"), [(3, T2), (10, T9), (25, T24)])
def test_students_t_has_one_degree_of_freedom_less_than_runs(runs: int, t: float) -> None:
    values = np.random.default_rng(0).normal(size=runs)
    found = summarize_runs(values.tolist(), held_out=1 / 3)
    assert found.interval is not None
    reach = t * values.std(ddof=1) * math.sqrt(1 / runs + 1 / 3)
    assert found.interval == pytest.approx((values.mean() - reach, values.mean() + reach), abs=1e-5)


def test_more_runs_on_the_same_data_do_not_make_the_interval_vanish() -> None:
    """This is what the correction is for: n_test/n_train is a lower bound of the interval's width."""
    found = summarize_runs([0.7, 0.9] * 5000, held_out=0.25)
    assert found.interval is not None
    assert found.interval[1] - found.interval[0] > 2 * 1.95 * 0.1 * 0.5


def test_one_run_has_no_interval_and_the_reason_is_given() -> None:
    found = summarize_runs([0.7], held_out=0.25)
    assert (found.mean, found.deviation, found.interval) == (0.7, None, None)
    assert found.reason == "no interval: one run has no spread"


def test_runs_with_equal_values_have_no_interval_and_the_reason_is_given() -> None:
    found = summarize_runs([0.7, 0.7, 0.7])
    assert (found.deviation, found.interval) == (0.0, None)
    assert found.reason == "no interval: the same in every run"


def test_an_interval_is_clipped_to_the_range_of_the_measure() -> None:
    assert summarize_runs([0.9, 1.0], bounds=(0, 1)).interval == (pytest.approx(0.314690, abs=1e-5), 1)
    assert summarize_runs([0.0, 0.1], bounds=(0, 1)).interval == (0, pytest.approx(0.685310, abs=1e-5))


def test_the_interval_over_patients_and_runs_adds_the_squares_of_both_distances() -> None:
    around = [(0.6, 0.75), (0.7, 0.85), (0.8, 0.95)]  # 0.1 below and 0.05 above each
    low, high = interval_over_units_and_runs([0.7, 0.8, 0.9], around) or (0, 0)
    assert low == pytest.approx(0.8 - math.hypot(0.1, 0.248414), abs=1e-6)
    assert high == pytest.approx(0.8 + math.hypot(0.05, 0.248414), abs=1e-6)
    assert interval_over_units_and_runs([0.7, 0.8, 0.9], around, bounds=(0.0, 1.0)) == (pytest.approx(low), 1.0)


def test_the_interval_of_one_run_is_its_own_and_without_one_in_each_run_there_is_none() -> None:
    assert interval_over_units_and_runs([0.7], [(0.6, 0.75)]) == (pytest.approx(0.6), pytest.approx(0.75))
    assert interval_over_units_and_runs([0.7, 0.8], [(0.6, 0.75), None]) is None
    assert interval_over_units_and_runs([], []) is None


@pytest.mark.parametrize("in_common", [0.0, 0.5, 1.0])
def test_the_interval_over_patients_and_runs_contains_the_true_mean_at_least_as_often_as_it_says(
    in_common: float,
) -> None:
    """Of three runs, whose errors over patients have nothing, a half, or everything in common."""
    noise, rounds, found = np.random.default_rng(0), 2000, 0
    over_patients, over_seeds = 0.03, 0.02
    for _ in range(rounds):
        common, own = noise.normal(0, over_patients), noise.normal(0, over_patients, 3)
        values = 0.8 + math.sqrt(in_common) * common + math.sqrt(1 - in_common) * own + noise.normal(0, over_seeds, 3)
        reach = 1.96 * over_patients
        low, high = interval_over_units_and_runs([*values], [(v - reach, v + reach) for v in values]) or (0, 0)
        found += low <= 0.8 <= high
    assert found / rounds >= 0.95
