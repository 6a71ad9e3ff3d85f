"""Random numbers that depend only on seed, epoch and sample.

Each number is a hash of these and of its position. The order of a batch, the number of processes and resuming a run
therefore change nothing.
"""

from __future__ import annotations

import zlib

import numpy as np


def uniform(seed: int, epoch: int, indices: np.ndarray, count: int, *, purpose: str) -> np.ndarray:
    """Return `count` numbers in [0, 1) for each index, independent of those for another purpose."""
    stream = np.uint64(zlib.crc32(purpose.encode()))
    with np.errstate(over="ignore"):
        state = _mix_bits(np.uint64(seed & 0xFFFFFFFFFFFFFFFF) ^ (stream << np.uint64(32)))
        state = _mix_bits(state + np.uint64(epoch))
        rows = _mix_bits(state + np.asarray(indices, dtype=np.uint64))
        cells = _mix_bits(rows[:, None] + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    numbers: np.ndarray = (cells >> np.uint64(11)).astype(np.float64) / float(1 << 53)
    return numbers


def shuffled(seed: int, epoch: int, indices: np.ndarray) -> np.ndarray:
    """Return the indices in the random order of an epoch."""
    return np.asarray(indices)[np.argsort(uniform(seed, epoch, indices, 1, purpose="order")[:, 0], kind="stable")]


def _mix_bits(value: np.ndarray | np.uint64) -> np.ndarray:
    """Apply the finaliser of SplitMix64, in which every input bit affects every output bit."""
    value = np.asarray(value, dtype=np.uint64)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))  # type: ignore[no-any-return]
