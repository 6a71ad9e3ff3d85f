"""The check that a network's outputs are numbers: no probability is computed from NaN or infinity."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from zoo.data.images import ImageLike
from zoo.errors import BundleError
from zoo.text import cut_short

HINT = "the weights of this model, or the mean and std of its preprocessing, are damaged"


def check_finite(logits: Tensor, images: Sequence[str] | None = None) -> None:
    """Raise a BundleError that names the first image for which an output is NaN or infinite.

    Args:
        logits: The outputs, a row for each image.
        images: The names of the images; by default their numbers.
    """
    finite = torch.isfinite(logits).flatten(1).all(dim=1)
    if bool(finite.all()):
        return
    index = int(finite.logical_not().nonzero()[0])
    name = images[index] if images is not None else f"{index + 1} of {len(logits)}"
    values = cut_short([f"{value:g}" for value in logits[index].flatten().tolist()], 4)
    raise BundleError(f"the model gave a non-finite output for image {name}: {values}", hint=HINT)


def image_names(images: Sequence[ImageLike]) -> list[str]:
    """Return a name for each image in an error message: its path, or its number."""
    return [
        str(image) if isinstance(image, str | Path) else f"{number} of {len(images)}"
        for number, image in enumerate(images, start=1)
    ]
