"""The function of a plugin's measure: what it raises, or returns in place of a number, is an error that names it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from zoo.errors import PluginError
from zoo.metrics.predictions import FloatArray, Predictions
from zoo.metrics.scale import Scale
from zoo.plugin_code import errors_of
from zoo.plugins.hook_checks import described
from zoo.spec import Measure

ROUNDING = 1e-9
"""How far a value may be outside of the scale."""


@dataclass(frozen=True, kw_only=True)
class PluginFunction:
    """A function of weighted predictions that is not trusted to work."""

    measure: Measure
    function: Callable[[Predictions, FloatArray], Any]
    scale: Scale

    def __call__(self, samples: Predictions, weights: FloatArray) -> float:
        """Return the measure, NaN where it is undefined; or raise a PluginError."""
        what = f"measure {self.measure.name}"
        with errors_of(what, self.measure.measure):
            returned = self.function(_read_only(samples), weights)
        try:
            value = float(returned)
        except (TypeError, ValueError) as error:
            message = f"{self.measure.measure} returns {described(returned)}, not a number"
            raise PluginError(message, where=what) from error
        if math.isinf(value) or value < self.scale.low - ROUNDING or value > self.scale.top + ROUNDING:
            message = f"{self.measure.measure} returns {value:g}, outside of {self.scale.low:g} to {self.scale.top:g}"
            raise PluginError(message, where=what)
        return value


def _read_only(samples: Predictions) -> Predictions:
    """Return predictions whose arrays cannot be changed, since other measures use them too."""
    arrays = {name: value.view() for name, value in vars(samples).items() if isinstance(value, np.ndarray)}
    for array in arrays.values():
        array.flags.writeable = False
    return replace(samples, **arrays)
