"""Augmentation of whole batches on the training device; ours are registered through the same hook as anybody's.

Each augmentation is a function of a batch (N x 3 x height x width, values in 0..1) and of uniform numbers (N x draws).
"""

from __future__ import annotations

from collections.abc import Callable

from zoo.plugins import hookimpl
from zoo.spec import Augmentation

AUGMENTATIONS = (
    Augmentation(
        name="symmetries",
        apply="zoo.data.augmentation.symmetries:apply",
        draws=3,
        summary="one of the eight symmetries of the square",
    ),
    Augmentation(
        name="crop",
        apply="zoo.data.augmentation.crop:apply",
        draws=4,
        summary="a random crop of 60 to 100 % of the area, resized to the original size",
    ),
    Augmentation(
        name="stain",
        apply="zoo.data.augmentation.stain:apply",
        draws=5,
        summary="strength and hue of both dyes, in optical-density space",
    ),
    Augmentation(
        name="blur",
        apply="zoo.data.augmentation.blur:apply",
        draws=2,
        summary="a Gaussian blur of up to 1.5 pixels, on half of the images",
    ),
    Augmentation(
        name="cutout",
        apply="zoo.data.augmentation.cutout:apply",
        draws=4,
        summary="a gray rectangle of up to a quarter of the image, on half of the images",
    ),
)


@hookimpl
def zoo_register_augmentations(register: Callable[[Augmentation], None]) -> None:
    """Register the augmentations of the zoo."""
    for augmentation in AUGMENTATIONS:
        register(augmentation)
