from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import norm

from zoo.metrics.paired import (
    Difference,
    TestPart,
    Training,
    differences_over_parts,
    holm,
    paired_differences,
    spread_between_trainings,
)
from zoo.metrics.predictions import Predictions, check_predictions

CLASSES = ("benign", "malignant")


def two_models(
    generator: np.random.Generator, *, patients: int = 30, gain: float = 0.0, alike: float = 0.6
) -> tuple[Predictions, Predictions]:
    """Two models of the same patients, 24 images each; the second one's margins are higher by `gain`."""
    labels = np.repeat((np.arange(patients) >= 0.3 * patients).astype(int), 24)
    units = np.repeat(np.arange(patients), 24)
    other = np.sqrt(1 - alike**2)
    effects = generator.normal(size=(2, patients))
    noise = generator.normal(size=(2, len(units)))
    found = []
    for number, shift in enumerate((1.5, 1.5 + gain)):
        effect = effects[0] if number == 0 else alike * effects[0] + other * effects[1]
        z = noise[0] if number == 0 else alike * noise[0] + other * noise[1]
        margin = shift + effect[units] + logit(norm.cdf(z).clip(1e-9, 1 - 1e-9))
        scores = np.where(labels == 1, margin, -margin)[:, None]
        found.append(
            check_predictions(labels=labels, logits=scores, classes=CLASSES, groups=[str(unit) for unit in units])
        )
    return found[0], found[1]


def differences(first: Predictions, second: Predictions) -> dict[str, Difference]:
    return paired_differences([first], [second])


def test_the_difference_is_that_of_the_measures_and_changes_its_sign_with_the_order() -> None:
    first, second = two_models(np.random.default_rng(0))
    there, back = differences(first, second), differences(second, first)
    accuracy = [float(np.mean(one.predictions == one.labels)) for one in (first, second)]
    assert there["accuracy"].value == pytest.approx(accuracy[0] - accuracy[1])
    for name, difference in there.items():
        assert back[name].value == pytest.approx(-difference.value)
        assert back[name].p == pytest.approx(difference.p)


def test_equally_good_models_are_called_different_in_about_five_of_a_hundred_cases() -> None:
    """benchmarks/paired_tests.py has the rates of many more settings."""
    generator = np.random.default_rng(1)
    names = ("accuracy", "balanced_accuracy", "auroc")
    p_values = [
        [found[name].p or 1.0 for name in names] for found in (differences(*two_models(generator)) for _ in range(200))
    ]
    rates = np.mean(np.array(p_values) < 0.05, axis=0)
    assert all(rates <= 0.09)
    assert any(rates >= 0.02)


def test_the_detectable_difference_is_what_a_test_with_this_standard_error_finds_in_eighty_of_a_hundred_cases() -> None:
    found = differences(*two_models(np.random.default_rng(0), patients=160))["accuracy"]
    assert found.interval is not None
    assert found.detectable is not None
    standard_error = (found.interval[1] - found.interval[0]) / 2 / 1.97  # about 150 degrees of freedom
    assert norm.cdf(found.detectable / standard_error - 1.97) == pytest.approx(0.8, abs=0.01)


def test_a_paired_interval_is_narrower_than_that_of_one_model_if_the_models_are_alike() -> None:
    from zoo.metrics.intervals import intervals
    from zoo.metrics.unit_measures import UnitMeasures

    first, second = two_models(np.random.default_rng(3), alike=0.95)
    low, high = differences(first, second)["balanced_accuracy"].interval or (0.0, 0.0)
    measures = UnitMeasures(first)
    one = intervals(first, measures, measures.values()).pairs["balanced_accuracy"] or (0.0, 0.0)
    assert 0 < high - low < 0.8 * (one[1] - one[0])


def test_models_that_answer_the_same_have_no_interval_and_say_why() -> None:
    first, _ = two_models(np.random.default_rng(4))
    found = differences(first, first)["accuracy"]
    assert (found.value, found.interval, found.p, found.reason) == (
        0.0,
        None,
        None,
        "no interval: the same for every patient",
    )


def test_two_patients_of_a_class_are_too_few_for_a_test() -> None:
    found = differences(*two_models(np.random.default_rng(5), patients=6))["specificity"]
    assert found.interval is None
    assert found.reason == "no interval: only 2 patients of class benign, and it takes 3"


def test_predictions_for_other_samples_are_refused() -> None:
    first, _ = two_models(np.random.default_rng(6), patients=30)
    other, _ = two_models(np.random.default_rng(6), patients=31)
    with pytest.raises(ValueError, match="not for the same samples"):
        differences(first, other)


def test_holm_multiplies_the_smallest_p_value_by_the_number_of_tests() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []
    assert holm([None, 0.5, 0.02]) == pytest.approx([None, 0.5, 0.04])


PATIENTS, IMAGES = 30, 20


def _predictions(right: np.ndarray) -> Predictions:
    """Return predictions that are right where this says so, [patients, images]; even patients are negative."""
    labels = np.repeat(np.arange(PATIENTS) % 2, IMAGES)
    predicted = np.where(right.reshape(-1), labels, 1 - labels)
    positive = np.where(predicted == 1, 0.8, 0.2)
    groups = [f"p{patient:02d}" for patient in range(PATIENTS) for _ in range(IMAGES)]
    return check_predictions(
        labels=labels, probabilities=np.stack([1 - positive, positive], axis=1), classes=("a", "b"), groups=groups
    )


def _drawn(random: np.random.Generator, effect: float) -> tuple[list[Predictions], list[Predictions]]:
    """Return two trainings of two models; patients differ, and so do trainings."""
    patients = random.normal(0.8, 0.08, (PATIENTS, 1))
    models = [
        [_predictions(random.random((PATIENTS, IMAGES)) < patients + gain + random.normal(0, 0.02)) for _ in range(3)]
        for gain in (effect, 0.0)
    ]
    return models[0], models[1]


def test_the_interval_covers_the_true_difference_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        first, second = _drawn(random, 0.06)
        found = paired_differences(first, second)["accuracy"]
        assert found.interval is not None
        covered += found.interval[0] <= 0.06 <= found.interval[1]
    assert 0.91 <= covered / 200 <= 1


def test_the_same_predictions_have_no_difference_and_no_interval() -> None:
    one = _predictions(np.random.default_rng(0).random((PATIENTS, IMAGES)) < 0.8)
    found = paired_differences([one], [one])["balanced_accuracy"]
    assert (found.value, found.interval) == (0, None)
    assert "the same for every patient" in found.reason


def test_the_interval_of_one_training_is_that_between_patients() -> None:
    random = np.random.default_rng(1)
    first, second = _drawn(random, 0.06)
    found = paired_differences(first[:1], second[:1])["accuracy"]
    assert found.interval is not None
    per_patient = [
        [(one.predictions == one.labels)[one.units == unit].mean() for unit in range(PATIENTS)]
        for one in (first[0], second[0])
    ]
    differences = np.array(per_patient[0]) - np.array(per_patient[1])
    deviation = np.sqrt(sum(differences[side::2].var(ddof=1) / 15 for side in (0, 1)) / 4)
    assert (found.interval[1] - found.interval[0]) / 2 == pytest.approx(2.05 * deviation, rel=0.1)


def _right_but(*wrong: int) -> Predictions:
    """Return predictions of 20 images of unknown patients, of which these are wrong."""
    labels = np.arange(20) % 2
    margins = np.array([-1.0 - place if place in wrong else 1.0 + place for place in range(20)])
    return check_predictions(
        labels=labels, logits=np.where(labels == 1, margins, -margins)[:, None], classes=CLASSES, groups=None
    )


def test_images_of_unknown_patients_are_compared_with_themselves_not_with_others_of_the_same_rank() -> None:
    """Both models are wrong about their lowest score, but of different images."""
    found = differences(_right_but(0, 2), _right_but(4, 6))["accuracy"]
    assert found.value == 0
    assert found.interval is not None
    low, high = found.interval
    assert high == pytest.approx(-low)
    four = np.sqrt(0.2 * 20 / 19 / 20)  # two images are better by 1 and two worse, of 20
    assert high == pytest.approx(2.1 * four, rel=0.25)


def test_equally_good_models_of_images_without_patients_are_rarely_called_different() -> None:
    generator = np.random.default_rng(0)
    labels = np.arange(60) % 2
    rejected = 0
    for _ in range(150):
        first, second = (
            check_predictions(
                labels=labels,
                logits=(np.where(labels == 1, 1, -1) * (1 + generator.normal(0, 1.2, 60)))[:, None],
                classes=CLASSES,
                groups=None,
            )
            for _ in range(2)
        )
        rejected += (differences(first, second)["accuracy"].p or 1.0) < 0.05
    assert rejected / 150 <= 0.11  # of images paired by rank, 0.37


def _fold(number: int, *, gain: float, seed: int, malignant_only: bool = False) -> TestPart:
    """Return the test part of one fold: 10 patients of its own."""
    generator = np.random.default_rng([seed, number])
    labels = np.repeat(np.ones(10, dtype=int) if malignant_only else np.arange(10) % 2, 12)
    groups = [f"{unit:03d}" for unit in np.repeat(np.arange(10), 12)]
    trainings = []
    for better in (gain, 0.0):
        margins = 1 + better + generator.normal(0, 1.5, len(labels))
        scores = np.where(labels == 1, margins, -margins)[:, None]
        trainings.append(Training(check_predictions(labels=labels, logits=scores, classes=CLASSES, groups=groups)))
    return TestPart(first=trainings[:1], second=trainings[1:], units=10 * number + np.arange(10), held_out=0.25)


def test_the_difference_over_folds_is_the_mean_of_those_of_the_folds() -> None:
    parts = [_fold(number, gain=0.5, seed=0) for number in range(5)]
    found = differences_over_parts(parts)["balanced_accuracy"]
    each = [part.first[0].values["balanced_accuracy"] - part.second[0].values["balanced_accuracy"] for part in parts]
    assert found.value == pytest.approx(np.mean(each))
    assert found.interval is not None


def test_the_interval_over_folds_is_wider_the_more_is_held_out_since_folds_share_training_images() -> None:
    parts = [_fold(number, gain=0.5, seed=0) for number in range(5)]
    found, narrow = (
        differences_over_parts([replace(part, held_out=held_out) for part in parts])["accuracy"]
        for held_out in (0.25, 0.0)
    )
    assert found.value == narrow.value
    assert found.interval is not None
    assert narrow.interval is not None
    assert found.interval[1] - found.interval[0] > 1.05 * (narrow.interval[1] - narrow.interval[0])


def test_a_fold_without_one_of_the_classes_does_not_count_for_measures_that_need_it() -> None:
    parts = [_fold(number, gain=0.5, seed=1, malignant_only=number == 2) for number in range(4)]
    found = differences_over_parts(parts)
    others = differences_over_parts([part for number, part in enumerate(parts) if number != 2])
    assert found["auroc"].value == pytest.approx(others["auroc"].value)
    assert found["accuracy"].value != pytest.approx(others["accuracy"].value)
    alone = differences_over_parts([parts[0], parts[2]])["auroc"]
    assert alone.interval is None
    assert alone.reason == "no interval: defined in one of 2 test parts only"


def test_the_spread_between_trainings_is_that_of_all_models_unless_a_model_has_a_larger_one() -> None:
    random = np.random.default_rng(2)
    models = [[Training(one) for one in model] for model in _drawn(random, 0.0)]
    steady, unsteady = [models[0][0]] * 3, [models[0][0], models[1][0], _worse()]
    alone = differences_over_parts([_part(steady, steady[:1])], spread=spread_between_trainings([steady, steady]))
    assert alone["accuracy"].reason == "no interval: the same for every patient"
    spread = spread_between_trainings([steady, unsteady])
    values = np.array([one.values["accuracy"] for one in unsteady])
    assert spread["accuracy"] == (pytest.approx(values.var(ddof=1) / 2), 4.0)
    together = differences_over_parts([_part(steady, unsteady)], spread=spread)["accuracy"]
    without = differences_over_parts([_part(steady, unsteady)])["accuracy"]
    assert together.interval is not None
    assert without.interval is not None
    assert together.interval[1] - together.interval[0] > without.interval[1] - without.interval[0]


def _worse() -> Training:
    return Training(_predictions(np.random.default_rng(9).random((PATIENTS, IMAGES)) < 0.4))


def _part(first: list[Training], second: list[Training]) -> TestPart:
    return TestPart(first=first, second=second, units=np.arange(PATIENTS))
