"""An augmentation of training images."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """An augmentation that a plugin registers: the function that changes a batch of images at random."""

    name: str
    """The name that is typed after `--augment`. Its random numbers depend on it too."""
    apply: str
    """`module:function`, called as `function(images, draws)`; returns the changed images as a new tensor.

    `images` are N x 3 x height x width of float32 in 0..1, on the device of the training. `draws` are N x `draws`
    numbers in [0, 1), the only source of randomness: they depend on the seed, the epoch and the image alone.
    """
    draws: int
    """How many random numbers it needs for each image."""
    summary: str
