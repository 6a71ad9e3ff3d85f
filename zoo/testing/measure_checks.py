"""All checks of a measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from zoo.errors import PluginError, look_up
from zoo.metrics.intervals import intervals
from zoo.metrics.measure_functions import OfSamples
from zoo.metrics.point_estimates import point_estimates
from zoo.metrics.predictions import FloatArray, IntArray, Predictions, check_predictions
from zoo.metrics.registered_measures import RegisteredMeasure, registered_measures
from zoo.metrics.result import Interval
from zoo.metrics.unit_measures import UnitMeasures
from zoo.registry import registry
from zoo.testing.declaration_checks import check_light
from zoo.testing.outcomes import Outcome, raise_failures, run_checks
from zoo.testing.side_effects import recorded_side_effects

PATIENTS, IMAGES = 12, 5
ROUNDING = 1e-6
"""How much a value may change by rounding, relative to it where it is above 1."""


WeightedFunction = Callable[[Predictions, FloatArray], float]


@dataclass(frozen=True)
class _Measured:
    """A measure with its interval, or the reason why it has none."""

    value: float | None
    interval: Interval | None
    reason: str


@dataclass(frozen=True)
class MeasureCase:
    """The measure under test."""

    measure: RegisteredMeasure
    plugin: str
    """The name of the plugin that registers it."""

    def given(self, classes: int, *, right: float = 0.4, seed: int = 0) -> dict[str, Any]:
        """Return the predictions of several patients; with `right` 1 they are perfect, with 0 random."""
        draw = np.random.default_rng(seed)
        labels = np.repeat(np.arange(PATIENTS) % classes, IMAGES)
        noise = draw.dirichlet(np.ones(classes), len(labels))
        return {
            "labels": labels,
            "probabilities": right * np.eye(classes)[labels] + (1 - right) * noise,
            "classes": tuple("abc"[:classes]),
            "groups": [str(number) for number in np.repeat(np.arange(PATIENTS), IMAGES)],
        }

    def samples(self, classes: int, **how: Any) -> Predictions:
        """Return the same as checked predictions."""
        return check_predictions(**self.given(classes, **how))

    def measured(self, classes: int, **how: Any) -> _Measured:
        """Return this measure alone, of these predictions."""
        samples = self.samples(classes, **how)
        measures = UnitMeasures(samples, declared=(self.measure,))
        estimates = point_estimates(samples, measures)
        found, name = intervals(samples, measures, estimates.values), self.measure.name
        reason = (estimates.reasons | found.reasons).get(name, "")
        return _Measured(estimates.values[name], found.pairs[name], reason)

    @property
    def weighted(self) -> WeightedFunction | None:
        """The function of weighted samples, which raises its errors; most of the zoo's own are of another kind."""
        function = self.measure.function
        return function.function if isinstance(function, OfSamples) else None

    def error(self, message: str, *, hint: str) -> PluginError:
        """Return an error of this measure."""
        return PluginError(f"{self.measure.declared.measure} {message}", hint=hint)


def registers_without_torch(case: MeasureCase) -> None:
    """Registering the plugin imports neither torch nor another slow library."""
    check_light(case.plugin)


def gives_a_number_with_an_interval(case: MeasureCase) -> None:
    """Predictions of twelve patients with two or three classes have a value, and an interval if there is one at all."""
    scale = case.measure.scale
    for classes in (2, 3):
        if case.weighted:
            _equally_weighted(case.weighted, case.samples(classes))  # raises an error of the function itself
        found = case.measured(classes)
        if found.value is not None and case.measure.declared.no_interval:
            continue
        if found.value is None or found.interval is None:
            raise case.error(
                f"has no interval with {classes} classes: {found.reason}",
                hint="return a number for all predictions with samples of every class",
            )
        low, high = found.interval
        if not scale.low <= low <= found.value <= high <= scale.top:
            raise case.error(f"is {found.value}, with an interval from {low} to {high}", hint="check its scale")


def weighs_samples(case: MeasureCase) -> None:
    """A sample of weight 0 does not count, one of weight 2 counts as two, and only proportions of weights count."""
    if (function := case.weighted) is None:
        return
    for seed in range(3):
        samples = case.samples(2, seed=seed, right=0.2)
        weights = np.random.default_rng(seed).integers(0, 4, len(samples.labels)).astype(np.float64)
        chosen = _chosen(samples, np.repeat(np.arange(len(weights)), weights.astype(int)))
        repeated = _equally_weighted(function, chosen)
        for given, what in (
            (weights, "differs from that of the same samples left out and repeated"),
            (7 * weights, "changes if all weights are multiplied"),
        ):
            if not _same(found := function(samples, given), repeated):
                raise case.error(
                    f"with weights {what}: {found:g}, {repeated:g}", hint="use the weights in every sum and mean"
                )


def _equally_weighted(function: WeightedFunction, samples: Predictions) -> float:
    """Return a measure of samples that all count the same."""
    return function(samples, np.ones(len(samples.labels)))


def _chosen(samples: Predictions, indices: IntArray) -> Predictions:
    """Return some samples, by index; one may be chosen several times."""
    return replace(
        samples,
        labels=samples.labels[indices],
        scores=samples.scores[indices],
        probabilities=samples.probabilities[indices],
        cross_entropies=samples.cross_entropies[indices],
        units=np.unique(samples.units[indices], return_inverse=True)[1],
        order=np.arange(len(indices)),
    )


def ignores_the_order(case: MeasureCase) -> None:
    """The order of the samples changes nothing."""
    if (function := case.weighted) is None:
        return
    samples = case.samples(3)
    order = np.random.default_rng(1).permutation(len(samples.labels))
    if not _same(_equally_weighted(function, samples), _equally_weighted(function, _chosen(samples, order))):
        raise case.error("depends on the order of the samples", hint="compute every sample by itself")


def is_better_for_better_predictions(case: MeasureCase) -> None:
    """Perfect predictions are better than random ones, in the direction that it declares."""
    for classes in (2, 3):
        random, perfect = (case.measured(classes, right=right).value for right in (0, 1))
        if random is None or perfect is None:
            raise case.error("is undefined for perfect or for random predictions", hint="return a number for both")
        if (perfect > random) != case.measure.declared.higher_is_better:
            raise case.error(
                f"is {perfect:g} for perfect predictions, {random:g} for random ones",
                hint="say with higher_is_better which of them is better",
            )


def has_no_side_effects(case: MeasureCase) -> None:
    """The same predictions give the same value, nothing is printed or drawn, and no setting is changed."""
    with recorded_side_effects() as effects:
        first, second = (case.measured(2).value for _ in range(2))
    if effects.found:
        raise case.error("; ".join(effects.found), hint="leave the process as it is, and print nothing")
    if first != second:
        raise case.error("gives another value for the same predictions", hint="use no random numbers")


def _same(first: float, second: float) -> bool:
    """Return whether two values are the same but for rounding."""
    return bool(np.isclose(first, second, rtol=ROUNDING, atol=ROUNDING, equal_nan=True))


CHECKS: tuple[Callable[[MeasureCase], None], ...] = (
    registers_without_torch,
    gives_a_number_with_an_interval,
    weighs_samples,
    ignores_the_order,
    is_better_for_better_predictions,
    has_no_side_effects,
)


def measure_outcomes(name: str) -> Iterator[Outcome]:
    """Run every check on a measure, and yield its outcome.

    Args:
        name: The measure's name.
    """
    measure = look_up("measure", name, {one.name: one for one in registered_measures()})
    case = MeasureCase(measure, registry().plugins.owner(name, "measures").name)
    return run_checks(CHECKS, case, package=case.measure.declared.measure)


def check_measure(name: str) -> None:
    """Raise an error unless a measure passes every check. Call it in a test of your own package.

    Args:
        name: The measure's name.

    Examples:
        >>> def test_my_measure_passes_all_checks_of_the_zoo():
        ...     check_measure("my_measure")
    """
    raise_failures(name, measure_outcomes(name))
