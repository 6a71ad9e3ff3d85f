"""Random numbers that depend on the seed, the epoch and the sample alone.

Each number is a hash of its place, so that neither the order of a batch, nor the number of workers or devices, nor a
resumed run changes what a sample gets.
"""

from __future__ import annotations

import zlib

import numpy as np


def uniform(seed: int, epoch: int, indices: np.ndarray, count: int, *, purpose: str) -> np.ndarray:
    """Numbers in [0, 1), one row for each index; another purpose gives independent ones."""
    stream = np.uint64(zlib.crc32(purpose.encode()))
    with np.errstate(over="ignore"):
        state = _mixed(np.uint64(seed & 0xFFFFFFFFFFFFFFFF) ^ (stream << np.uint64(32)))
        state = _mixed(state + np.uint64(epoch))
        rows = _mixed(state + np.asarray(indices, dtype=np.uint64))
        cells = _mixed(rows[:, None] + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    numbers: np.ndarray = (cells >> np.uint64(11)).astype(np.float64) / float(1 << 53)
    return numbers


def shuffled(seed: int, epoch: int, indices: np.ndarray) -> np.ndarray:
    """The order in which an epoch sees the samples."""
    return np.asarray(indices)[np.argsort(uniform(seed, epoch, indices, 1, purpose="order")[:, 0], kind="stable")]


def _mixed(value: np.ndarray | np.uint64) -> np.ndarray:
    """The finaliser of SplitMix64: every bit of the input reaches every bit of the output."""
    value = np.asarray(value, dtype=np.uint64)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))  # type: ignore[no-any-return]
