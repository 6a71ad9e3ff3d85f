"""The measures that are registered, each with the function that computes it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from zoo.errors import PluginError
from zoo.imports import import_named
from zoo.metrics.measure_functions import ClassMean, MeasureFunction, OfCounts, OfRanks, OfSamples, OfSums
from zoo.metrics.plugin_function import PluginFunction
from zoo.metrics.scale import FISHER, LOGARITHM, LOGIT, Scale
from zoo.plugins import Plugins
from zoo.registry import registry
from zoo.spec import Measure, MeasureScale, RestsOn

SCALES: dict[MeasureScale, Scale] = {"share": LOGIT, "correlation": FISHER, "amount": LOGARITHM}


@dataclass(frozen=True, kw_only=True)
class RegisteredMeasure:
    """A measure with its function."""

    declared: Measure
    function: MeasureFunction
    scale: Scale

    @property
    def name(self) -> str:
        """Its key in metrics.json."""
        return self.declared.name

    @property
    def rests_on(self) -> RestsOn:
        """Whose patients must be numerous enough for an interval."""
        return self.declared.rests_on

    @property
    def all_or_none(self) -> bool:
        """Whether 1 (or 0) means that no (or every) patient has an error."""
        return self.declared.all_or_none


def registered_measures() -> tuple[RegisteredMeasure, ...]:
    """Return every measure in the order in which they are listed: those of the zoo, then those of plugins."""
    return _with_functions(registry().plugins)


def measure_bounds(name: str) -> tuple[float, float]:
    """Return the smallest and the largest possible value of a measure; it need not be registered here any more."""
    declared = registry().plugins.measures.get(name)
    return (SCALES[declared.scale].low, SCALES[declared.scale].top) if declared else (-math.inf, math.inf)


def why_never_an_interval(name: str) -> str:
    """Return why a measure never has an interval, such as a bias; empty if it may have one."""
    declared = registry().plugins.measures.get(name)
    return declared.no_interval if declared else ""


@cache
def _with_functions(plugins: Plugins) -> tuple[RegisteredMeasure, ...]:
    """Import the functions. One that cannot be imported is an error of its measure alone, when it is computed."""
    return tuple(_with_function(measure) for measure in plugins.measures.values())


def _with_function(measure: Measure) -> RegisteredMeasure:
    """Return a measure with its function."""
    scale = SCALES[measure.scale]
    try:
        named: Any = import_named(measure.measure, plugin=f"measure {measure.name}")
    except PluginError as error:
        named = _Failing(error)
    if not isinstance(named, OfCounts | ClassMean | OfSums | OfRanks | OfSamples):
        named = OfSamples(function=PluginFunction(measure=measure, function=named, scale=scale))
    return RegisteredMeasure(declared=measure, function=named, scale=scale)


@dataclass(frozen=True)
class _Failing:
    """A function that could not be imported."""

    error: PluginError

    def __call__(self, *_: object) -> float:
        raise self.error
