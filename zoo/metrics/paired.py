"""The differences between two models on the same samples, with intervals, tests, and what could have been seen.

Both models see the same patients, so a difference varies much less from one choice of patients to the next than the
measures themselves. Its variance is that of the jackknife over the differences without each patient, and with several
trainings of each model that between trainings is added. For the area under the ROC curve this is close to the method of
DeLong for patients with several images (Obuchowski, Biometrics 53, 1997), and for accuracy to McNemar's test for such
patients. benchmarks/paired_tests.py measures how often the intervals contain the true difference, and how often two
equally good models are called different.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zoo.metrics.intervals import why_no_interval
from zoo.metrics.jackknife import jackknife
from zoo.metrics.predictions import FloatArray, IntArray, Predictions
from zoo.metrics.registered_measures import RegisteredMeasure
from zoo.metrics.result import LEVEL, Interval
from zoo.metrics.strata import strata, units_of_classes
from zoo.metrics.student_t import student_t
from zoo.metrics.unit_measures import UnitMeasures

POWER = 0.8
"""With this probability, a difference of the detectable size is found by the test."""
_SAME = 1e-12
Variance = tuple[float, float]
"""A variance and its degrees of freedom."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One measure of two models on the same samples, each the mean over its trainings, and their difference."""

    first: float
    second: float
    value: float
    """The first minus the second."""
    interval: Interval | None
    p: float | None
    """The probability of a difference at least as large, in either direction, between equally good models."""
    detectable: float | None
    """The smallest true difference that these patients would have shown with a probability of 80 %."""
    reason: str = ""
    """Why there is no interval."""


class Training:
    """The measures of one training on one test part, with all its units and without each of them."""

    def __init__(self, samples: Predictions, *, minority: int | None = None) -> None:
        """Compute the measures.

        Args:
            samples: The predictions.
            minority: The class of `f1_minority`; by default the one with the fewest samples.
        """
        has = units_of_classes(samples)
        measures = UnitMeasures(samples, minority=minority)
        self.declared = {measure.name: measure for measure in measures.declared}
        """The measures by name."""
        without = measures.without_each_unit(strata(has))
        # images that are units of their own are sorted by what the model says, so that theirs is another order
        place = np.argsort(samples.order) if samples.unit == "image" else np.arange(len(has))
        self.samples = samples
        self.has = has[place]
        """Which classes each unit has: patients in the order of their names, images in the order they were given in."""
        self.values = measures.values()
        self.without = {name: values[place] for name, values in without.items()}


@dataclass(frozen=True, kw_only=True)
class TestPart:
    """The trainings of two models that were measured on the same samples."""

    __test__ = False  # not a test, for pytest

    first: Sequence[Training]
    second: Sequence[Training]
    units: IntArray
    """The number of each unit of these samples among the units of all test parts: of the patients in the order of their
    names, or of the images in the order that they were given in."""
    held_out: float = 0.0
    """The number of test images for each training image."""
    second_varies: bool = True
    """Whether another training of the second model would come out differently; a regression that is fitted does not."""


def paired_differences(
    first: Sequence[Predictions], second: Sequence[Predictions], *, minority: int | None = None
) -> dict[str, Difference]:
    """Return the difference of each measure that both models have.

    Args:
        first: The predictions of one model, one for each training.
        second: Those of the other model, for the same samples in the same groups, given in the same order.
        minority: The class of `f1_minority`; by default the one with the fewest samples.
    """
    part = TestPart(
        first=[Training(one, minority=minority) for one in first],
        second=[Training(one, minority=minority) for one in second],
        units=np.arange(int(first[0].units.max()) + 1),
    )
    return differences_over_parts([part], spread=spread_between_trainings([part.first, part.second]))


def spread_between_trainings(models: Sequence[Sequence[Training]]) -> dict[str, Variance]:
    """Return the variance of each measure between trainings of one model, with its degrees of freedom.

    Args:
        models: The trainings of each model, all measured on the same samples. If each model has one, nothing is known.
    """
    found = {}
    for name in models[0][0].values:
        values = [np.array([one.values[name] for one in model]) for model in models]
        several = [model for model in values if len(model) > 1 and not np.isnan(model).any()]
        if degrees := sum(len(model) - 1 for model in several):
            squares = sum(float(((model - model.mean()) ** 2).sum()) for model in several)
            found[name] = (squares / degrees, float(degrees))
    return found


def differences_over_parts(
    parts: Sequence[TestPart], *, spread: Mapping[str, Variance] | None = None
) -> dict[str, Difference]:
    """Return the difference of each measure, the mean over test parts such as the folds of a cross-validation.

    A part in which a measure is undefined for one of the models does not count.

    Args:
        parts: The test parts; they may have units in common.
        spread: The variance of each measure between trainings of one model, with its degrees of freedom. It counts
            where there is one test part; with several, their differences show how trainings vary.
    """
    for part in parts:
        expected = part.first[0]
        for one in (*part.first, *part.second):
            same = len(one.samples.labels) == len(expected.samples.labels)
            if not same or not np.array_equal(one.has, expected.has):
                raise ValueError("the predictions are not for the same samples")
    has = np.zeros((1 + max(int(part.units.max()) for part in parts), parts[0].first[0].has.shape[1]), dtype=bool)
    for part in parts:
        has[part.units] |= part.first[0].has
    stratum, spreads, declared = strata(has), spread or {}, parts[0].first[0].declared
    found = {name: _difference(one, parts, has, stratum, spreads.get(name)) for name, one in declared.items()}
    return {name: difference for name, difference in found.items() if difference is not None}


def _difference(
    measure: RegisteredMeasure, parts: Sequence[TestPart], has: np.ndarray, stratum: IntArray, spread: Variance | None
) -> Difference | None:
    """Return the difference of one measure; None if it is undefined in every part.

    Args:
        measure: The measure.
        parts: The test parts.
        has: Which classes each unit has.
        stratum: The stratum of each unit.
        spread: The variance between trainings of one model.
    """
    name = measure.name
    values = [[np.array([one.values[name] for one in model]) for model in (part.first, part.second)] for part in parts]
    defined = [index for index, pair in enumerate(values) if not any(np.isnan(model).any() for model in pair)]
    if not defined:
        return None
    values = [values[index] for index in defined]
    first, second = (float(np.mean([pair[model].mean() for pair in values])) for model in (0, 1))
    samples = parts[0].first[0].samples
    used = np.unique(np.concatenate([parts[index].units for index in defined]))
    reason = why_no_interval(measure, samples, has[used])
    without = _without_each_unit(name, [parts[index] for index in defined], len(has))[used]
    if not reason and np.isnan(without).any():
        reason = f"undefined without one of the {samples.unit}s"
    if not reason and len(parts) > 1 and len(defined) == 1:
        reason = f"defined in one of {len(parts)} test parts only"
    if len(used) < len(has):
        stratum = strata(has[used])
    patients = jackknife(without, stratum) if not reason and np.ptp(without) > _SAME else (0.0, 1.0)
    if len(defined) > 1:
        sources = [patients, *_between_parts(values, float(np.mean([parts[index].held_out for index in defined])))]
    else:
        varying = values[0] if parts[defined[0]].second_varies else values[0][:1]
        sources = [patients, *_between_trainings(varying, spread)]
    variance = sum(one for one, _ in sources)
    if not reason and variance <= _SAME**2:
        reason = f"the same for every {samples.unit}"
    if reason:
        return Difference(
            first=first,
            second=second,
            value=first - second,
            interval=None,
            p=None,
            detectable=None,
            reason=f"no interval: {reason}",
        )
    degrees = max(variance**2 / sum(one**2 / freedom for one, freedom in sources if one), 1.0)
    return _tested(first, second, math.sqrt(variance), degrees, measure.scale.top - measure.scale.low)


def _without_each_unit(name: str, parts: Sequence[TestPart], units: int) -> FloatArray:
    """Return the mean difference over the parts without each unit, [units]; NaN where it is undefined in all of them.

    A part that is undefined without a unit does not count for that unit.
    """
    rows = np.empty((len(parts), units))
    for row, part in zip(rows, parts, strict=True):
        sides = [(np.mean([one.values[name] for one in model]), model) for model in (part.first, part.second)]
        row[:] = sides[0][0] - sides[1][0]
        left_out = [np.mean([one.without[name] for one in model], axis=0) for _, model in sides]
        row[part.units] = left_out[0] - left_out[1]
    known = ~np.isnan(rows)
    counts = known.sum(axis=0)
    total = np.where(known, rows, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, counts, out=np.full(units, np.nan), where=counts > 0))


def _between_parts(values: Sequence[Sequence[FloatArray]], held_out: float) -> list[Variance]:
    """Return the variance of the mean difference between test parts, with its degrees of freedom.

    It is widened for training images that the parts have in common (Nadeau and Bengio, Machine Learning 52, 2003:
    1/n + n_test/n_train in the place of 1/n). It has the spread of the patients in it once more, which cannot be taken
    out without a loss of the degrees of freedom.

    Args:
        values: The measure of each training of both models, in each part.
        held_out: The number of test images for each training image.
    """
    differences = np.array([first.mean() - second.mean() for first, second in values])
    return [(float(differences.var(ddof=1)) * (1 / len(values) + held_out), len(values) - 1.0)]


def _between_trainings(models: Sequence[FloatArray], spread: Variance | None) -> list[Variance]:
    """Return the variance of the difference between trainings, with its degrees of freedom; empty if it is not known.

    The variance of a model is that of all models together, which has more degrees of freedom, or its own if that is
    larger.

    Args:
        models: The measure of each training of each model that varies between trainings.
        spread: The variance between trainings of all models together.
    """
    if spread is None:
        return []
    sources, shares = [], 0.0
    for model in models:
        own = float(model.var(ddof=1)) if len(model) > 1 else 0.0
        if own > spread[0]:
            sources.append((own / len(model), len(model) - 1.0))
        else:
            shares += 1 / len(model)
    return [*sources, (spread[0] * shares, spread[1])]


def _tested(first: float, second: float, error: float, degrees: float, largest: float) -> Difference:
    """Return a difference with its interval and test, from its standard error and degrees of freedom."""
    from scipy.special import stdtr

    value, quantile = first - second, student_t(degrees, LEVEL)
    reach = quantile * error
    return Difference(
        first=first,
        second=second,
        value=value,
        interval=(max(value - reach, -largest), min(value + reach, largest)),
        p=float(2 * stdtr(degrees, -abs(value) / error)),
        detectable=(quantile + student_t(degrees, 2 * POWER - 1)) * error,
    )


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p-values corrected for their number by the method of Holm (Scandinavian Journal of Statistics 6, 1979).

    None stays, and does not count.
    """
    known = {index: p for index, p in enumerate(p_values) if p is not None}
    corrected: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(known, key=known.__getitem__)):
        highest = max(highest, min(1.0, (len(known) - rank) * known[index]))
        corrected[index] = highest
    return corrected
