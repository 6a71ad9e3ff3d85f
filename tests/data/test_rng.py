from __future__ import annotations

import numpy as np
import pytest

from zoo.data.rng import shuffled, uniform

INDICES = np.arange(1000)


def test_numbers_of_a_sample_do_not_depend_on_other_samples() -> None:
    every = uniform(1, 2, INDICES, 4, purpose="turn")
    some = np.array([900, 3, 3, 17])
    assert (uniform(1, 2, some, 4, purpose="turn") == every[some]).all()
    assert (uniform(1, 2, INDICES, 2, purpose="turn") == every[:, :2]).all()


def test_numbers_are_uniform_and_uncorrelated() -> None:
    numbers = uniform(0, 1, INDICES, 3, purpose="turn")
    assert numbers.shape == (1000, 3)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert np.histogram(numbers, bins=10, range=(0, 1))[0] == pytest.approx(np.full(10, 300), abs=75)
    assert np.abs(np.corrcoef(numbers.T) - np.eye(3)).max() < 0.1


def test_seed_epoch_and_purpose_each_change_every_number() -> None:
    first = uniform(0, 1, INDICES, 1, purpose="turn")
    others = [
        uniform(1, 1, INDICES, 1, purpose="turn"),
        uniform(0, 2, INDICES, 1, purpose="turn"),
        uniform(0, 1, INDICES, 1, purpose="flip"),
        uniform(-1, 1, INDICES, 1, purpose="turn"),
    ]
    for other in others:
        assert not (first == other).any()
        assert abs(np.corrcoef(first[:, 0], other[:, 0])[0, 1]) < 0.1


def test_numbers_stay_the_same_from_release_to_release() -> None:
    """A run that a later release resumes or repeats must draw the same numbers."""
    assert uniform(7, 3, np.array([5]), 2, purpose="order").tolist() == [[0.13613317519792878, 0.5226885510012513]]


def test_shuffled_gives_every_epoch_every_sample_once_in_another_order() -> None:
    chosen = np.array([4, 8, 15, 16, 23, 42])
    orders = [shuffled(0, epoch, chosen).tolist() for epoch in range(1, 6)]
    assert all(sorted(order) == chosen.tolist() for order in orders)
    assert len({tuple(order) for order in orders}) > 3
    assert shuffled(0, 1, chosen[::-1]).tolist() == orders[0]
