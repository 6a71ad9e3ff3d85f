from __future__ import annotations

import numpy as np
import pytest

from zoo.metrics.jackknife import jackknife
from zoo.metrics.strata import strata

ONLY_FIRST, ONLY_SECOND, BOTH = (True, False), (False, True), (True, True)


def groups(*patterns: tuple[tuple[bool, bool], int]) -> set[frozenset[int]]:
    """Return the units of each stratum."""
    stratum = strata(np.array([pattern for pattern, count in patterns for _ in range(count)]))
    return {frozenset(np.flatnonzero(stratum == number).tolist()) for number in np.unique(stratum)}


def test_patients_with_the_same_classes_are_a_stratum() -> None:
    found = groups((ONLY_FIRST, 3), (ONLY_SECOND, 4), (BOTH, 5))
    assert found == {frozenset(range(3)), frozenset(range(3, 7)), frozenset(range(7, 12))}


def test_a_patient_alone_is_joined_with_those_who_share_a_class() -> None:
    assert groups((ONLY_FIRST, 1), (BOTH, 33)) == {frozenset(range(34))}
    assert groups((BOTH, 1), (ONLY_FIRST, 4), (ONLY_SECOND, 9)) == {frozenset(range(5)), frozenset(range(5, 14))}


def test_a_few_patients_who_share_no_class_are_joined_with_the_others() -> None:
    assert groups((ONLY_FIRST, 2), (ONLY_SECOND, 8)) == {frozenset(range(10))}


def test_the_variance_of_a_mean_is_that_of_the_textbook() -> None:
    values = np.random.default_rng(0).normal(size=(40,))
    without = (values.sum() - values) / 39
    variance, degrees = jackknife(without, np.zeros(40, dtype=np.int64))
    assert variance == pytest.approx(values.var(ddof=1) / 40)
    assert 20 < degrees <= 39


def test_a_long_tail_has_fewer_degrees_of_freedom() -> None:
    rare = np.zeros(40)
    rare[:2] = 1
    assert jackknife(rare, np.zeros(40, dtype=np.int64))[1] < 6
    assert jackknife(np.zeros(40), np.zeros(40, dtype=np.int64)) == (0.0, 1.0)
