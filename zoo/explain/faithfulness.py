"""Deletion and insertion (Petsiuk et al. 2018, RISE): whether the probability of a class depends on what is hot.

Deletion: the hottest pixels become gray, more and more of them, and the probability of the class should fall early.
Insertion: the hottest pixels appear in a blurred image, and the probability should rise early. A score is the area
under that curve, from 0 to 1. It means little alone, since it depends on the image and the network, so it is compared
with the scores of random maps: the same values in other places.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from zoo.explain.placement import place

STEPS = 16
"""All pixels are changed in this many steps, with equally many each. The paper has 224 steps of 224 pixels."""
RANDOM_MAPS = 9
"""A random map is better than all of nine others one time in ten."""
BLUR = 5 / 224
"""The standard deviation of the blur as a share of the shorter side: that of the paper, 5 of 224 pixels."""


@dataclass(frozen=True, kw_only=True)
class MapScores:
    """The deletion and the insertion of one map, as the probability of the class after each step."""

    deletion_curve: tuple[float, ...]
    """From the image itself to a gray one."""
    insertion_curve: tuple[float, ...]
    """From the blurred image to the image itself."""

    @property
    def deletion(self) -> float:
        """The area under the curve of deletion; lower is better."""
        return _area(self.deletion_curve)

    @property
    def insertion(self) -> float:
        """The area under the curve of insertion; higher is better."""
        return _area(self.insertion_curve)


def score_map(
    probability: Callable[[Tensor], Tensor], image: Tensor, gray: Tensor, heat: NDArray[np.floating]
) -> MapScores:
    """Return the scores of one map.

    Args:
        probability: Returns the probability of the class for each image of a preprocessed batch.
        image: The preprocessed image: 1 x 3 x height x width.
        gray: A preprocessed gray image of the same shape.
        heat: The map of the whole image, in any resolution.
    """
    height, width = image.shape[2:]
    level = place(heat, (width, height), (0, 0, width, height)).ravel()
    ties = np.random.default_rng(0).random(level.size)  # pixels with the same value are changed in a random order
    rank = np.empty(level.size, dtype=np.int64)
    rank[np.lexsort((ties, -level))] = np.arange(level.size)
    counts = np.linspace(0, level.size, STEPS + 1).round()
    hot = torch.from_numpy(rank[None] < counts[:, None]).view(-1, 1, height, width).to(image.device)
    blurred = blur(image)
    deletion, insertion = probability(torch.where(hot, gray, image)), probability(torch.where(hot, image, blurred))
    return MapScores(deletion_curve=tuple(deletion.tolist()), insertion_curve=tuple(insertion.tolist()))


def random_maps(heat: NDArray[np.floating]) -> list[NDArray[np.floating]]:
    """Return maps with the same values in other places, the same each time."""
    rng = np.random.default_rng(0)
    return [rng.permutation(heat.ravel()).reshape(heat.shape) for _ in range(RANDOM_MAPS)]


def blur(image: Tensor) -> Tensor:
    """Return an image blurred with a Gaussian whose standard deviation is BLUR of its shorter side."""
    for side in (2, 3):
        sigma = BLUR * min(image.shape[2:])
        radius = min(max(1, math.ceil(2 * sigma)), image.shape[side] - 1)
        steps = torch.arange(-radius, radius + 1, dtype=image.dtype, device=image.device)
        kernel = torch.exp(-(steps**2) / (2 * sigma**2))
        shape = (1, 1, -1, 1) if side == 2 else (1, 1, 1, -1)
        weights = (kernel / kernel.sum()).view(shape).expand(image.shape[1], -1, -1, -1)
        padding = (0, 0, radius, radius) if side == 2 else (radius, radius, 0, 0)
        image = F.conv2d(F.pad(image, padding, mode="reflect"), weights, groups=image.shape[1])
    return image


def _area(curve: tuple[float, ...]) -> float:
    """Return the area under a curve with equal steps from 0 to 1."""
    return (sum(curve) - (curve[0] + curve[-1]) / 2) / (len(curve) - 1)
