from __future__ import annotations

import numpy as np
import pytest

from zoo.calibration import ClassQuantiles, class_quantiles, prediction_sets


def patients(
    count: int, generator: np.random.Generator, *, spread: float = 1.5, images: int = 20
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Probabilities of two classes for the images of patients of one class each, who differ by a logit effect."""
    kind = np.arange(count) % 2
    effect = generator.normal(0, spread, count)
    sizes = generator.integers(1, images, count)
    unit = np.repeat(np.arange(count), sizes)
    logit = (2 * kind[unit] - 1) * 1.0 + effect[unit] + generator.normal(0, 1, len(unit))
    positive = 1 / (1 + np.exp(-logit))
    return np.stack([1 - positive, positive], axis=1), kind[unit], [str(number) for number in unit]


@pytest.mark.parametrize("count", [40, 120])
def test_the_true_class_of_new_patients_is_in_the_set_as_often_as_stated(count: int) -> None:
    """The mean over patients of the share of a patient's images that are covered, for each class by itself."""
    generator = np.random.default_rng(0)
    covered: list[list[float]] = [[], []]
    for _ in range(80):
        values, labels, groups = patients(count, generator)
        quantiles = class_quantiles(values, labels, groups=groups)
        values, labels, groups = patients(60, generator)
        hit = prediction_sets(values, quantiles, 0.9)[np.arange(len(labels)), labels]
        units = np.array([int(group) for group in groups])
        shares = np.bincount(units, weights=hit) / np.bincount(units)
        for unit, share in enumerate(shares):
            covered[unit % 2].append(share)
    for each in covered:
        assert 0.885 <= np.mean(each) <= 0.96


def test_images_counted_as_if_independent_would_cover_too_little_for_few_large_patients() -> None:
    """The reason for the weights: with ten patients of many images each, images alone claim what they do not hold."""
    generator = np.random.default_rng(1)
    shares: dict[str, list[float]] = {"patients": [], "images": []}
    for _ in range(150):
        values, labels, groups = patients(24, generator, images=60)
        for name, chosen in (("patients", groups), ("images", None)):
            quantiles = class_quantiles(values, labels, groups=chosen)
            new, truth, _ = patients(60, generator, images=3)
            shares[name].append(prediction_sets(new, quantiles, 0.9)[np.arange(len(truth)), truth].mean())
    assert np.mean(shares["patients"]) >= 0.89
    assert np.mean(shares["images"]) < np.mean(shares["patients"]) - 0.01


def test_a_class_of_too_few_patients_is_always_in_the_set() -> None:
    values, labels, groups = patients(16, np.random.default_rng(0))
    quantiles = class_quantiles(values, labels, groups=groups)
    assert [one.patients for one in quantiles] == [8, 8]
    assert [one.threshold(0.9) for one in quantiles] == [None, None]
    assert [one.most for one in quantiles] == [0.885, 0.885]
    assert quantiles[0].threshold(0.8) is not None
    assert prediction_sets(np.array([[0.0, 1.0]]), quantiles, 0.9).all()


def test_a_class_without_images_is_always_in_the_set() -> None:
    quantiles = class_quantiles(np.array([[0.9, 0.1]] * 30), np.zeros(30, dtype=int), groups=None)
    assert [one.threshold(0.9) for one in quantiles] == [0.9, None]


def test_a_coverage_between_two_that_are_kept_is_rounded_up() -> None:
    one = ClassQuantiles(patients=300, lowest=tuple(1 - step / 200 for step in range(1, 200)))
    assert one.threshold(0.55) == pytest.approx(1 - 0.55)
    assert [one.threshold(coverage) for coverage in (0.9, 0.9001, 0.902, 0.905)] == pytest.approx(
        [1 - 0.9, 1 - 0.905, 1 - 0.905, 1 - 0.905]
    )


def test_a_higher_coverage_gives_larger_sets() -> None:
    values, labels, groups = patients(200, np.random.default_rng(0))
    quantiles = class_quantiles(values, labels, groups=groups)
    sizes = [prediction_sets(values, quantiles, coverage).sum() for coverage in (0.5, 0.8, 0.901, 0.95)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


@pytest.mark.parametrize("lowest", [(0.1, 0.2), (1.5,), (-0.1,), (float("nan"),), (0.5,) * 200])
def test_quantiles_that_cannot_be_are_refused(lowest: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="descending order"):
        ClassQuantiles(patients=3, lowest=lowest)
