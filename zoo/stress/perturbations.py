"""Degradations of an image in steps of stated strength: stain, blur, JPEG, brightness and scale.

They are applied to the pixels at the network's input size, so lengths are in pixels of the input.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from torch import Tensor
from torch.nn import functional

from zoo.data.optical_density import DARKEST, DYES
from zoo.parallel import map_items

Images = NDArray[np.uint8]
"""N x height x width x 3."""


@dataclass(frozen=True, kw_only=True)
class Perturbation:
    """A degradation with one strength; at strength 0 the image is unchanged."""

    name: str
    unit: str
    """What the strength means."""
    strengths: tuple[float, ...]
    """From weak to strong."""
    apply: Callable[[Images, float], Images]


def _stain(hematoxylin: float, eosin: float) -> Callable[[Images, float], Images]:
    """Return a function that multiplies the amount of each dye by 2 to the power of its sign times the strength."""

    def apply(images: Images, strength: float) -> Images:
        dyes = torch.tensor(DYES, dtype=torch.float32)
        amounts = torch.tensor([2.0 ** (hematoxylin * strength), 2.0 ** (eosin * strength), 1.0])
        matrix = torch.linalg.inv(dyes) @ (amounts[:, None] * dyes)
        density = -(torch.from_numpy(images).float() / 255).clamp(min=DARKEST).log()
        return _bytes(torch.exp(-(density @ matrix)))

    return apply


def _brightness(sign: float) -> Callable[[Images, float], Images]:
    """Return a function that makes images brighter or darker by a share."""

    def apply(images: Images, strength: float) -> Images:
        return _bytes(torch.from_numpy(images).float() / 255 * (1 + sign * strength))

    return apply


def _blur(images: Images, strength: float) -> Images:
    """Blur with a Gaussian of this standard deviation in pixels."""
    return _each(images, lambda image: image.filter(ImageFilter.GaussianBlur(strength)))


def _jpeg(images: Images, strength: float) -> Images:
    """Compress as JPEG with quality 100 minus the strength."""

    def compress(image: Image.Image) -> Image.Image:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=round(100 - strength))
        return Image.open(file).convert("RGB")

    return _each(images, compress)


def _scale(sign: float) -> Callable[[Images, float], Images]:
    """Return a function that enlarges images around their center by a factor of 2 to the power of the strength.

    With a negative sign they are made smaller; what is missing at the border is mirrored.
    """

    def apply(images: Images, strength: float) -> Images:
        factor = 2.0 ** (sign * strength)
        height, width = images.shape[1:3]
        y = torch.linspace(-1 + 1 / height, 1 - 1 / height, height) / factor
        x = torch.linspace(-1 + 1 / width, 1 - 1 / width, width) / factor
        grid = torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], dim=-1).expand(len(images), -1, -1, -1)
        batch = torch.from_numpy(images).float().permute(0, 3, 1, 2) / 255
        if factor < 1:  # average before pixels are left out
            sigma = 0.5 * (1 / factor - 1)
            batch = _smooth(batch, sigma)
        moved = functional.grid_sample(batch, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
        return _bytes(moved.permute(0, 2, 3, 1))

    return apply


def _smooth(batch: Tensor, sigma: float) -> Tensor:
    """Return a batch blurred with a Gaussian."""
    radius = max(1, round(3 * sigma))
    steps = torch.arange(-radius, radius + 1, dtype=torch.float32)
    kernel = torch.exp(-(steps**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(3, 1, -1)
    batch = functional.conv2d(functional.pad(batch, (radius, radius, 0, 0), "replicate"), kernel[:, :, None], groups=3)
    return functional.conv2d(
        functional.pad(batch, (0, 0, radius, radius), "replicate"), kernel[:, :, :, None], groups=3
    )


def _bytes(batch: Tensor) -> Images:
    """Return values of 0..1 as 8 bits."""
    return np.asarray((batch.clamp(0, 1) * 255).round().to(torch.uint8).numpy())


def _each(images: Images, change: Callable[[Image.Image], Image.Image]) -> Images:
    """Return images of which each was changed by itself."""
    return np.stack(list(map_items(images, lambda image: np.asarray(change(Image.fromarray(image))))))


_DOUBLINGS = (0.125, 0.25, 0.5, 0.75, 1.0)
_SHARES = (0.05, 0.1, 0.2, 0.3, 0.4)

PERTURBATIONS = (
    Perturbation(
        name="more hematoxylin", unit="doublings of hematoxylin to eosin", strengths=_DOUBLINGS, apply=_stain(0.5, -0.5)
    ),
    Perturbation(
        name="more eosin", unit="doublings of eosin to hematoxylin", strengths=_DOUBLINGS, apply=_stain(-0.5, 0.5)
    ),
    Perturbation(name="stronger stain", unit="doublings of both dyes", strengths=_DOUBLINGS, apply=_stain(1, 1)),
    Perturbation(name="weaker stain", unit="halvings of both dyes", strengths=_DOUBLINGS, apply=_stain(-1, -1)),
    Perturbation(name="brighter", unit="share of the light", strengths=_SHARES, apply=_brightness(1)),
    Perturbation(name="darker", unit="share of the light", strengths=_SHARES, apply=_brightness(-1)),
    Perturbation(name="blur", unit="sigma in pixels of the input", strengths=(0.5, 1.0, 1.5, 2.0, 3.0), apply=_blur),
    Perturbation(name="JPEG", unit="100 - quality", strengths=(10, 30, 50, 70, 90), apply=_jpeg),
    Perturbation(
        name="larger", unit="doublings of the magnification", strengths=(0.1, 0.25, 0.5, 0.75, 1.0), apply=_scale(1)
    ),
    Perturbation(
        name="smaller", unit="halvings of the magnification", strengths=(0.1, 0.25, 0.5, 0.75, 1.0), apply=_scale(-1)
    ),
)
"""All degradations, with the strengths that a stress test tries."""
