"""Image sides that a patch size divides."""

from __future__ import annotations

from torch import Tensor


def check_sides(x: Tensor, *, patch: int) -> None:
    """Raise a ValueError if the patches would not tile the image."""
    height, width = x.shape[-2:]
    if height % patch or width % patch:
        raise ValueError(f"image sides must be multiples of {patch}, and {height}x{width} are not")
