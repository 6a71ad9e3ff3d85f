"""Scales on which the distribution of a measure is close to symmetric, and whose ends it cannot cross."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A monotone function of values from `low` to `top`."""

    low: float
    top: float
    forward: Callable[[Any], Any]
    slope: Callable[[float], float]
    """The derivative of `forward`."""
    back: Callable[[float], float]
    """The inverse of `forward`."""


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


LOGIT = Scale(low=0.0, top=1.0, forward=lambda x: np.log(x / (1 - x)), slope=lambda x: 1 / (x * (1 - x)), back=_expit)
FISHER = Scale(low=-1.0, top=1.0, forward=np.arctanh, slope=lambda x: 1 / (1 - x**2), back=math.tanh)
"""Fisher's scale of correlations, for values from -1 to 1."""
LOGARITHM = Scale(low=0.0, top=math.inf, forward=np.log, slope=lambda x: 1 / x, back=lambda x: math.exp(min(x, 700)))
