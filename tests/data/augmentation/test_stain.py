from __future__ import annotations

import numpy as np
import torch

from zoo.data.augmentation import stain
from zoo.data.optical_density import DYES, densities

MANY = torch.from_numpy(np.random.default_rng(0).random((300, 5), dtype=np.float32))
MIDDLE = torch.full((1, 5), 0.5)


def _tissue(hematoxylin: float, eosin: float, count: int = 1) -> torch.Tensor:
    color = np.exp(-(np.array([hematoxylin, eosin, 0.0]) @ DYES)).astype(np.float32)
    return torch.from_numpy(color).view(1, 3, 1, 1).expand(count, 3, 4, 4).clone()


def _amounts(batch: torch.Tensor) -> np.ndarray:
    return np.log(10) * densities(batch.double().mean(dim=(2, 3)).numpy())


def test_stain_jitter_in_the_middle_of_its_range_changes_nothing() -> None:
    image = torch.rand(1, 3, 6, 6).clamp(min=0.02)
    assert torch.allclose(stain.apply(image, MIDDLE), image, atol=1e-4)


def test_stain_jitter_keeps_glass_nearly_white() -> None:
    made = stain.apply(torch.ones(300, 3, 4, 4), MANY)
    assert made.min() >= 1 - stain.BRIGHTNESS - 1e-4


def test_stain_strength_changes_its_own_dye_by_up_to_a_quarter() -> None:
    for column, dye in ((0, 0), (1, 1)):
        draws = MIDDLE.repeat(3, 1)
        draws[:, column] = torch.tensor([0.0, 0.5, 1.0])
        found = _amounts(stain.apply(_tissue(0.6, 0.6, 3), draws))
        assert np.allclose(found[:, dye], 0.6 * np.array([1 - stain.STRENGTH, 1, 1 + stain.STRENGTH]), atol=1e-3)
        assert np.allclose(found[:, 1 - dye], 0.6, atol=1e-3)
        assert np.allclose(found[:, 2], 0, atol=1e-3)


def test_stain_hue_changes_the_color_of_its_own_dye_only() -> None:
    draws = MIDDLE.repeat(2, 1)
    draws[:, 2] = torch.tensor([0.0, 1.0])
    purple = stain.apply(_tissue(0.6, 0.0, 2), draws)
    assert abs(float(purple[0, 2, 0, 0] - purple[1, 2, 0, 0])) > 0.03
    assert torch.allclose(*stain.apply(_tissue(0.0, 0.6, 2), draws), atol=1e-4)


def test_stronger_stain_is_darker_and_stays_purple() -> None:
    made = stain.apply(_tissue(0.8, 0.4, 300), MANY)
    assert torch.corrcoef(torch.stack([MANY[:, 0], made.mean(dim=(1, 2, 3))]))[0, 1] < -0.5
    assert (made[:, 1] < made[:, 2]).float().mean() > 0.99  # purple has little green
