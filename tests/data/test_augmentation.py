from __future__ import annotations

import numpy as np
import torch

from zoo.data.augmentation.augment import augment

NAMES = ("symmetries",)


def _batch(height: int, width: int) -> torch.Tensor:
    return torch.arange(3 * height * width).view(1, 3, height, width).float()


def _seen(height: int, width: int) -> set[bytes]:
    """The distinct results of augmenting one image many times."""
    many = _batch(height, width).expand(400, -1, -1, -1)
    made = augment(many, NAMES, seed=0, epoch=1, indices=np.arange(400))
    return {image.contiguous().numpy().tobytes() for image in made}


def test_symmetries_give_square_images_all_eight_symmetries() -> None:
    square = _batch(4, 4)[0]
    turns = [torch.rot90(square, number, (1, 2)) for number in range(4)]
    wanted = {image.contiguous().numpy().tobytes() for turn in turns for image in (turn, turn.flip(2))}
    assert len(wanted) == 8
    assert _seen(4, 4) == wanted


def test_symmetries_give_other_images_four_symmetries_and_keep_the_shape() -> None:
    image = _batch(4, 6)[0]
    wanted = {image.flip(axes).contiguous().numpy().tobytes() for axes in ((), (1,), (2,), (1, 2))}
    assert _seen(4, 6) == wanted


def test_augmentation_depends_on_the_index_and_not_on_the_batch() -> None:
    images = torch.rand(10, 3, 8, 8)
    indices = np.arange(10) * 7
    together = augment(images, NAMES, seed=3, epoch=2, indices=indices)
    alone = [augment(images[i : i + 1], NAMES, seed=3, epoch=2, indices=indices[i : i + 1]) for i in range(10)]
    assert torch.equal(together, torch.cat(alone))


def test_augmentation_differs_between_epochs() -> None:
    images = torch.rand(10, 3, 8, 8)
    one, two = (augment(images, NAMES, seed=3, epoch=epoch, indices=np.arange(10)) for epoch in (1, 2))
    assert not torch.equal(one, two)


def test_batch_without_augmentations_is_unchanged() -> None:
    images = torch.rand(2, 3, 8, 8)
    assert torch.equal(augment(images, (), seed=0, epoch=1, indices=np.arange(2)), images)
