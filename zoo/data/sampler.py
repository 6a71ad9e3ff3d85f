"""The training images of an epoch, in order: each once, or each class equally often."""

from __future__ import annotations

from typing import Literal

import numpy as np

from zoo.data.rng import shuffled

Sampling = Literal["natural", "balanced"]


def epoch_order(train: np.ndarray, labels: np.ndarray, *, sampling: Sampling, seed: int, epoch: int) -> np.ndarray:
    """Return an epoch's indices in order; `balanced` repeats images until every class is as large as the largest."""
    if sampling == "natural":
        return shuffled(seed, epoch, train)
    from imblearn.over_sampling import RandomOverSampler

    sampler = RandomOverSampler(random_state=(seed * 1_000_003 + epoch) % 2**32)
    sampler.fit_resample(train.reshape(-1, 1), labels[train])
    repeated = train[sampler.sample_indices_]
    order: np.ndarray = repeated[shuffled(seed, epoch, np.arange(len(repeated)))]
    return order


def draw_numbers(order: np.ndarray, images: int) -> np.ndarray:
    """Return a number for each position, on which the augmentation depends; it differs for each repeat of an image."""
    by_image = np.argsort(order, kind="stable")
    ordered = order[by_image]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(np.r_[begins, len(order)])
    numbers = np.empty_like(order)
    numbers[by_image] = ordered + images * (np.arange(len(order)) - np.repeat(begins, lengths))
    return numbers
