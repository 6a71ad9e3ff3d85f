from __future__ import annotations

import pytest
import torch

from zoo.errors import UsageError
from zoo.nn import check_image_size


def images(height: int, width: int) -> torch.Tensor:
    return torch.empty(1, 3, height, width, device="meta")


@pytest.mark.parametrize("size", [(14, 14), (28, 224), (518, 14)])
def test_multiples_of_the_patch_size_are_accepted(size: tuple[int, int]) -> None:
    check_image_size(images(*size), multiple_of=14)


@pytest.mark.parametrize(
    ("size", "nearest"),
    [((100, 224), "98x224"), ((224, 106), "224x112"), ((104, 105), "98x112"), ((3, 1), "14x14")],
)
def test_another_size_is_an_error_that_names_the_nearest_size_that_fits(size: tuple[int, int], nearest: str) -> None:
    with pytest.raises(UsageError) as error:
        check_image_size(images(*size), multiple_of=14)
    assert str(error.value).splitlines() == [
        f"images of {size[0]}x{size[1]} do not fit: height and width must be multiples of 14",
        f"  the nearest size that fits is {nearest} (height x width)",
    ]


def test_the_nearest_size_itself_is_accepted() -> None:
    check_image_size(images(98, 112), multiple_of=14)


def test_images_below_the_smallest_size_are_refused() -> None:
    check_image_size(images(75, 75), at_least=75)
    with pytest.raises(UsageError, match=r"(?s)80x74 do not fit.* at least 75.*nearest size that fits is 80x75"):
        check_image_size(images(80, 74), at_least=75)


def test_the_nearest_size_satisfies_both_rules() -> None:
    with pytest.raises(UsageError, match=r"(?s)multiples of 16 and at least 75.*nearest size that fits is 80x112"):
        check_image_size(images(64, 110), multiple_of=16, at_least=75)
