"""Augmentations on a GPU give the images that they give on a CPU, from the same draws."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from zoo.data.augmentation.augment import augment
from zoo.data.mixup import Mixing, mix
from zoo.registry import registry
from zoo.testing.augmentation_checks import AugmentationCase

pytestmark = pytest.mark.gpu
TOLERANCE = 1e-5
"""The largest difference of a value in 0..1."""
PLACE = 5e-7
"""That of where a crop takes a pixel from, as a share of the side: noise may change by 1 from a pixel to the next."""
SIZES = ((24, 24), (20, 12), (64, 48))
NAMES = sorted(registry().plugins.augmentations)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_an_augmentation_gives_the_images_of_the_cpu(
    name: str, size: tuple[int, int], gpu_device: torch.device
) -> None:
    case = AugmentationCase(registry().augmentation(name), plugin="")
    images, draws = case.images(7, size), case.draws(7)
    tolerance = max(TOLERANCE, PLACE * max(size)) if name == "crop" else TOLERANCE
    for batch in (images, images.contiguous()):
        found = case.made(batch.to(gpu_device), draws.to(gpu_device))
        assert found.device.type == gpu_device.type
        assert float((found.cpu() - case.made(batch, draws)).abs().max()) <= tolerance


def test_all_augmentations_one_after_another_give_the_images_of_the_cpu(gpu_device: torch.device) -> None:
    images = torch.rand(16, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    made = [
        augment(images.to(device), NAMES, seed=3, epoch=2, indices=np.arange(16)).cpu()
        for device in (torch.device("cpu"), gpu_device)
    ]
    assert float((made[0] - made[1]).abs().max()) <= len(NAMES) * TOLERANCE


@pytest.mark.parametrize("mixing", ["mixup", "cutmix"])
def test_images_are_mixed_as_on_the_cpu(mixing: Mixing, gpu_device: torch.device) -> None:
    images = torch.rand(16, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    made = [
        mix(images.to(device), images.flip(0).to(device), mixing, seed=3, epoch=2, indices=np.arange(16))
        for device in (torch.device("cpu"), gpu_device)
    ]
    for expected, found in zip(*made, strict=True):
        assert float((found.cpu() - expected).abs().max()) <= TOLERANCE
