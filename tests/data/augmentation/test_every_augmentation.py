"""Properties of every augmentation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from zoo.data.augmentation import AUGMENTATIONS
from zoo.data.augmentation.augment import augment

NAMES = [(one.name,) for one in AUGMENTATIONS] + [tuple(one.name for one in AUGMENTATIONS)]
INDICES = np.arange(24) * 7
IMAGES = torch.from_numpy(np.random.default_rng(0).random((24, 3, 20, 20), dtype=np.float32))


def _made(images: torch.Tensor, names: tuple[str, ...], indices: np.ndarray, **place: int) -> torch.Tensor:
    return augment(images, names, **{"seed": 3, "epoch": 2, **place}, indices=indices)


@pytest.mark.parametrize("names", NAMES, ids="+".join)
def test_augmentation_does_not_depend_on_order_or_batch(names: tuple[str, ...]) -> None:
    together = _made(IMAGES, names, INDICES)
    shuffled = torch.from_numpy(np.random.default_rng(1).permutation(24))
    again = _made(IMAGES[shuffled], names, INDICES[shuffled.numpy()])
    assert torch.equal(again, together[shuffled])
    for start, length in ((0, 1), (5, 3), (11, 13)):
        some = slice(start, start + length)
        assert torch.equal(_made(IMAGES[some], names, INDICES[some]), together[some])


@pytest.mark.parametrize("names", NAMES, ids="+".join)
@pytest.mark.parametrize("shape", [(8, 8), (24, 17), (9, 40)])
def test_augmentation_keeps_shape_range_and_type(names: tuple[str, ...], shape: tuple[int, int]) -> None:
    images = torch.rand(12, 3, *shape)
    images[0], images[1] = 0, 1
    made = _made(images, names, np.arange(12))
    assert made.shape == images.shape
    assert made.dtype == torch.float32
    assert made.isfinite().all()
    assert made.min() >= -1e-6
    assert made.max() <= 1 + 1e-6


@pytest.mark.parametrize("names", NAMES, ids="+".join)
def test_augmentation_depends_only_on_seed_epoch_and_index(names: tuple[str, ...]) -> None:
    before = IMAGES.clone()
    made = _made(IMAGES, names, INDICES)
    torch.manual_seed(9)
    assert torch.equal(_made(IMAGES, names, INDICES), made)
    assert torch.equal(IMAGES, before)
    assert not torch.equal(_made(IMAGES, names, INDICES, seed=4), made)
    assert not torch.equal(_made(IMAGES, names, INDICES, epoch=3), made)


@pytest.mark.parametrize("names", NAMES[:-1], ids="+".join)
def test_augmentation_changes_most_images_within_a_few_epochs(names: tuple[str, ...]) -> None:
    changed = torch.zeros(24, dtype=torch.bool)
    for epoch in range(1, 6):
        changed |= (_made(IMAGES, names, INDICES, epoch=epoch) - IMAGES).abs().flatten(1).amax(dim=1) > 0.01
    assert changed.float().mean() > 0.8
