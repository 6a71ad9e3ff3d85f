"""The image sizes that a network accepts."""

from __future__ import annotations

from torch import Tensor

from zoo.spec import ImageSize


def check_image_size(x: Tensor, *, multiple_of: int = 1, at_least: int = 1) -> None:
    """Raise an error that names the nearest size that fits, if a network cannot take images of this size.

    An `Architecture` that also declares its `image_size` is refused such images before they are decoded.

    Args:
        x: The images, N x channels x height x width.
        multiple_of: The number of which height and width must be multiples, such as a transformer's patch size.
        at_least: The smallest height and width.

    Examples:
        >>> check_image_size(torch.empty(1, 3, 100, 224), multiple_of=14)
        Traceback (most recent call last):
        zoo.errors.UsageError: images of 100x224 do not fit: height and width must be multiples of 14
          the nearest size that fits is 98x224 (height x width)
    """
    ImageSize(multiple_of=multiple_of, at_least=at_least).check(*x.shape[-2:])
