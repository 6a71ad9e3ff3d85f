"""The quantiles of Student's t distribution, without scipy, which takes long to import."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_STEPS = 60


@lru_cache(maxsize=4096)
def student_t(degrees_of_freedom: float, level: float) -> float:
    """Return the two-sided quantile: |t| stays below it with probability `level`.

    With t = sqrt(df) tan(u), the density of u is proportional to cos(u)^(df - 1). Its integral is concave, so Newton's
    method, started below the quantile, converges from there.

    Args:
        degrees_of_freedom: A number of at least 1, not necessarily whole.
        level: The probability, between 0 and 1.
    """
    power = degrees_of_freedom - 1
    whole = math.exp(math.lgamma(degrees_of_freedom / 2) - math.lgamma((degrees_of_freedom + 1) / 2))
    target = level * whole * math.sqrt(math.pi) / 2
    angle = math.atan(NormalDist().inv_cdf((1 + level) / 2) / math.sqrt(degrees_of_freedom))
    for _ in range(_STEPS):
        area = angle / 2 * float(_WEIGHTS @ np.cos(angle / 2 * (_NODES + 1)) ** power)
        step = (target - area) / math.cos(angle) ** power
        angle += step
        if abs(step) < 1e-14:
            break
    return math.sqrt(degrees_of_freedom) * math.tan(angle)
