from __future__ import annotations

import numpy as np
import pytest
import torch

from zoo.baseline import STATISTICS, image_statistics


def column(statistics: torch.Tensor, name: str) -> list[float]:
    return statistics[:, STATISTICS.index(name)].tolist()


def noise(count: int, height: int, width: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 3, height, width), dtype=torch.uint8, generator=generator)


def test_color_statistics_are_those_of_the_pixels() -> None:
    images = noise(3, 40, 30)
    found = image_statistics(images)
    red = images[:, 0].double().flatten(1) / 255
    assert column(found, "red mean") == pytest.approx(red.mean(dim=1).tolist(), abs=1e-6)
    assert column(found, "red sd") == pytest.approx(red.std(dim=1, correction=0).tolist(), abs=1e-6)
    for share in (10, 50, 90):
        exact = np.percentile(red.numpy(), share, axis=1)
        assert column(found, f"red {share}% percentile") == pytest.approx(exact.tolist(), abs=2 / 255)


def test_hematoxylin_is_denser_in_a_blue_image_and_eosin_in_a_pink_one() -> None:
    blue = torch.tensor([90, 80, 160], dtype=torch.uint8).view(1, 3, 1, 1).expand(1, 3, 16, 16)
    pink = torch.tensor([235, 150, 200], dtype=torch.uint8).view(1, 3, 1, 1).expand(1, 3, 16, 16)
    found = image_statistics(torch.cat([blue, pink]))
    hematoxylin, eosin = column(found, "hematoxylin mean"), column(found, "eosin mean")
    assert hematoxylin[0] > hematoxylin[1]
    assert eosin[1] > hematoxylin[1]


def test_texture_statistics_tell_noise_from_a_smooth_image() -> None:
    smooth = torch.arange(64, dtype=torch.uint8).view(1, 1, 1, 64).expand(1, 3, 64, 64)
    found = image_statistics(torch.cat([smooth, noise(1, 64, 64)]))
    for name in ("gradient mean, scale 1", "Laplacian sd, scale 1", "contrast at distance 1"):
        low, high = column(found, name)
        assert low < high
    high, low = column(found, "homogeneity at distance 1")
    assert low < high


def test_statistics_of_an_image_do_not_depend_on_the_other_images_of_its_batch() -> None:
    images = noise(5, 48, 48)
    together = image_statistics(images)
    alone = torch.cat([image_statistics(image[None]) for image in images])
    assert torch.allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 50), (50, 1), (7, 5), (300, 20), (460, 700)])
def test_every_statistic_of_an_image_of_any_size_is_a_number(height: int, width: int) -> None:
    black = torch.zeros(1, 3, height, width, dtype=torch.uint8)
    found = image_statistics(torch.cat([black, black + 255, noise(1, height, width)]))
    assert found.shape == (3, len(STATISTICS))
    assert torch.isfinite(found).all()


def test_every_statistic_has_a_name_of_its_own() -> None:
    assert len(set(STATISTICS)) == len(STATISTICS) == 80


def test_pixels_of_other_colors_and_the_same_brightness_have_no_pattern() -> None:
    colors = torch.tensor([[20, 27, 253], [134, 139, 27]], dtype=torch.uint8)
    chosen = torch.randint(0, 2, (2, 32, 32), generator=torch.Generator().manual_seed(0))
    found = image_statistics(colors[chosen].permute(0, 3, 1, 2))
    assert column(found, "local binary pattern 8, scale 1") == [1, 1], "no neighbor is darker, however sums are rounded"
