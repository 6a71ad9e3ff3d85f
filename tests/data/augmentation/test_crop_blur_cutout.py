"""Crop, blur and cutout: what they do, and within which range."""

from __future__ import annotations

import numpy as np
import torch

from zoo.data.augmentation import blur, crop, cutout

MANY = torch.from_numpy(np.random.default_rng(0).random((500, 4), dtype=np.float32))


def _ramps(count: int, height: int, width: int) -> torch.Tensor:
    """Red says how far right a pixel is, green how far down, in 0..1."""
    across = ((torch.arange(width) + 0.5) / width).expand(height, width)
    down = ((torch.arange(height) + 0.5) / height)[:, None].expand(height, width)
    return torch.stack([across, down, torch.zeros(height, width)]).expand(count, 3, height, width)


def test_crop_keeps_sixty_to_a_hundred_percent_of_the_area_inside_the_image() -> None:
    made = crop.apply(_ramps(500, 32, 48), MANY)
    across = (made[:, 0, 16, -1] - made[:, 0, 16, 0]) * 48 / 47
    down = (made[:, 1, -1, 24] - made[:, 1, 0, 24]) * 32 / 31
    area = across * down
    assert area.min() > crop.MIN_AREA - 0.04
    assert area.max() < 1.02
    assert area.std() > 0.05
    assert (made[:, 0, :, 1:] >= made[:, 0, :, :-1] - 1e-5).all()  # nothing is mirrored in at the edges
    assert (made[:, 1, 1:] >= made[:, 1, :-1] - 1e-5).all()


def test_crop_reaches_every_side() -> None:
    made = crop.apply(_ramps(500, 32, 32), MANY)
    left, right = made[:, 0, :, 0].mean(dim=1), made[:, 0, :, -1].mean(dim=1)
    assert left.min() < 0.04
    assert left.max() > 0.15
    assert right.max() > 0.96
    assert right.min() < 0.85


def test_crop_of_the_full_area_is_the_image() -> None:
    image = torch.rand(1, 3, 12, 16)
    assert torch.allclose(crop.apply(image, torch.tensor([[1.0, 0.5, 0.2, 0.9]])), image, atol=1e-5)


def test_blur_keeps_the_mean_and_removes_detail_on_half_of_the_images() -> None:
    noise = torch.rand(500, 3, 24, 24)
    made = blur.apply(noise, MANY[:, :2])
    untouched = (made - noise).abs().amax(dim=(1, 2, 3)) < 1e-6
    chosen = MANY[:, 0] < blur.SHARE
    assert untouched[~chosen].all()
    assert (made.mean(dim=(2, 3)) - noise.mean(dim=(2, 3))).abs().max() < 0.02
    strong = chosen & (MANY[:, 1] > 0.5)
    assert (made[strong].std(dim=(1, 2, 3)) < 0.6 * noise[strong].std(dim=(1, 2, 3))).all()
    assert torch.allclose(blur.apply(torch.full((4, 3, 9, 9), 0.3), MANY[:4, :2]), torch.tensor(0.3))


def test_blur_is_a_gaussian_of_the_drawn_sigma() -> None:
    """A point becomes a Gaussian with the drawn sigma, the same in both directions and in each color."""
    point = torch.zeros(1, 3, 21, 21)
    point[:, :, 10, 10] = 1
    made = blur.apply(point, torch.tensor([[0.0, 2 / 3]]))[0]
    places = torch.arange(-10, 11).float()
    for spread in (made.sum(dim=1), made.sum(dim=2)):
        assert torch.allclose((spread * places**2).sum(dim=1), torch.ones(3), atol=0.01)


def test_cutout_covers_a_gray_rectangle_of_up_to_a_quarter_on_half_of_the_images() -> None:
    made = cutout.apply(torch.ones(500, 3, 40, 60), MANY)
    covered = made[:, 0] == cutout.GRAY
    assert (made == torch.where(covered[:, None], torch.tensor(cutout.GRAY), torch.tensor(1.0))).all()
    share = covered.float().mean(dim=(1, 2))
    chosen = MANY[:, 0] < cutout.SHARE
    assert (share[~chosen] == 0).all()
    assert (share[chosen] > 0).all()
    assert share.max() <= cutout.MAX_SIDE**2 + 0.01
    for mask in covered[chosen]:
        rows, columns = mask.any(dim=1).nonzero().flatten(), mask.any(dim=0).nonzero().flatten()
        assert mask.sum() == (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)


def test_cutout_reaches_every_pixel() -> None:
    made = cutout.apply(torch.ones(500, 3, 20, 20), MANY)
    assert (made[:, 0] == cutout.GRAY).any(dim=0).all()
