"""The variance of a measure from what it is without each unit."""

from __future__ import annotations

import numpy as np

from zoo.metrics.predictions import FloatArray, IntArray


def jackknife(without: FloatArray, strata: IntArray) -> tuple[float, float]:
    """Return the variance of a measure and its degrees of freedom, of at least 1.

    The variance is that of the stratified jackknife (Jones, Biometrika 61, 1974). The degrees of freedom are those of
    Satterthwaite (Biometrics Bulletin 2, 1946) for the sum over the strata. In a stratum they are 2 V² / var(V): the
    number of its units less one for normal values, and fewer for values with longer tails, such as the error rates of
    patients most of whom are all right.

    Args:
        without: The measure without each unit, the others of its stratum counting more.
        strata: The stratum of each unit, with at least two units in each.
    """
    sizes = np.bincount(strata)
    distances = without - (np.bincount(strata, weights=without) / sizes)[strata]
    squares = np.bincount(strata, weights=distances**2)
    fourths = np.bincount(strata, weights=distances**4)
    spread = squares > 0
    sizes, squares, fourths = sizes[spread], squares[spread], fourths[spread]
    variances = (sizes - 1) / sizes * squares
    kurtosis = sizes * fourths / squares**2
    degrees = np.maximum(2 * (sizes - 1) / np.maximum(kurtosis - 1, 2), 1)
    variance = float(variances.sum())
    return variance, variance**2 / float((variances**2 / degrees).sum()) if variance else 1.0
