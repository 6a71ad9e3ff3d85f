"""The image sizes that a network accepts."""

from __future__ import annotations

from torch import Tensor

from zoo.errors import UsageError


def check_image_size(x: Tensor, *, multiple_of: int = 1, at_least: int = 1) -> None:
    """Raise an error that names the nearest size that fits, if a network cannot take images of this size.

    Args:
        x: The images, N x channels x height x width.
        multiple_of: The number of which height and width must be multiples, such as a transformer's patch size.
        at_least: The smallest height and width.

    Example:
        >>> check_image_size(torch.empty(1, 3, 100, 224), multiple_of=14)
        Traceback (most recent call last):
        zoo.errors.UsageError: images of 100x224 do not fit: height and width must be multiples of 14
          the nearest size that fits is 98x224 (height x width)
    """
    height, width = x.shape[-2:]
    if height % multiple_of == 0 and width % multiple_of == 0 and min(height, width) >= at_least:
        return
    rules = [f"multiples of {multiple_of}"] * (multiple_of > 1) + [f"at least {at_least}"] * (at_least > 1)
    nearest = [_nearest(side, multiple_of, at_least) for side in (height, width)]
    raise UsageError(
        f"images of {height}x{width} do not fit: height and width must be {' and '.join(rules)}",
        hint=f"the nearest size that fits is {nearest[0]}x{nearest[1]} (height x width)",
    )


def _nearest(side: int, multiple_of: int, at_least: int) -> int:
    """Return the multiple that is nearest to a side and not below the smallest."""
    smallest = -(-at_least // multiple_of) * multiple_of
    return max(smallest, (side + multiple_of // 2) // multiple_of * multiple_of)
