from __future__ import annotations

import numpy as np

from zoo.calibration.novelty import distance_limit


def test_the_limit_is_the_distance_within_which_98_percent_of_a_patients_images_are_on_average() -> None:
    distances = np.array([0.9, *np.linspace(0.1, 0.2, 99)])  # one image of a patient with a hundred is far away
    assert distance_limit(distances, ["a"] * 100) == np.sort(distances)[97]
    assert distance_limit(distances, None) == np.sort(distances)[97]


def test_a_patient_with_few_images_counts_as_much_as_one_with_many() -> None:
    distances = np.array([0.5, 0.6, *np.linspace(0.1, 0.2, 98)])
    groups = ["few", "few", *["many"] * 98]
    assert distance_limit(distances, groups) == 0.6  # a quarter of all weight is farther away than 0.5
    shuffled = np.random.default_rng(0).permutation(100)
    assert distance_limit(distances[shuffled], [groups[index] for index in shuffled]) == 0.6
    few = ["few"] * 50 + ["many"] * 50
    apart = np.concatenate([np.full(50, 0.1), np.linspace(0.2, 0.9, 50)])
    assert distance_limit(apart[::-1], few[::-1]) == apart[97]
