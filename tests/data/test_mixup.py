from __future__ import annotations

import numpy as np
import pytest
import torch

from zoo.data.mixup import MIXUP_STRENGTH, Mixing, mix, partners

COUNT = 600
INDICES = np.arange(COUNT) * 3
BLACK, WHITE = torch.zeros(COUNT, 3, 9, 13), torch.ones(COUNT, 3, 9, 13)


def _mixed(how: Mixing, **changed: int) -> tuple[torch.Tensor, torch.Tensor]:
    return mix(BLACK, WHITE, how, **{"seed": 0, "epoch": 1, **changed}, indices=INDICES)  # type: ignore[arg-type]


@pytest.mark.parametrize("how", ["mixup", "cutmix"])
def test_label_weight_is_the_share_of_pixels_kept(how: Mixing) -> None:
    batch, own = _mixed(how)
    assert torch.allclose(1 - batch.mean(dim=(1, 2, 3)), own, atol=1e-6)
    assert own.min() >= 0
    assert own.max() <= 1
    assert own.std() > 0.15


def test_mixup_blends_every_pixel_with_the_same_weight() -> None:
    batch, _ = _mixed("mixup")
    assert (batch.flatten(1).max(dim=1).values == batch.flatten(1).min(dim=1).values).all()


def test_mixup_weights_follow_the_beta_distribution() -> None:
    """Beta(0.2, 0.2): its mean is a half, its variance 1 / (4 (2 * 0.2 + 1))."""
    _, own = _mixed("mixup")
    assert float(own.mean()) == pytest.approx(0.5, abs=0.06)
    assert float(own.var()) == pytest.approx(1 / (4 * (2 * MIXUP_STRENGTH + 1)), abs=0.03)


def test_cutmix_replaces_one_rectangle() -> None:
    batch, own = _mixed("cutmix")
    assert set(batch.unique().tolist()) == {0.0, 1.0}
    for image in batch[:, 0]:
        rows, columns = image.amax(dim=1).nonzero().flatten(), image.amax(dim=0).nonzero().flatten()
        if len(rows):
            assert (image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] == 1).all()
    assert float(own.mean()) > 0.5  # part of the rectangle may lie outside


@pytest.mark.parametrize("how", ["mixup", "cutmix"])
def test_mixing_does_not_depend_on_order_or_batch(how: Mixing) -> None:
    images, others = torch.rand(20, 3, 9, 13), torch.rand(20, 3, 9, 13)
    indices = np.arange(20) * 5
    place = {"seed": 4, "epoch": 2}
    whole, own = mix(images, others, how, **place, indices=indices)  # type: ignore[arg-type]
    turned = torch.arange(19, -1, -1)
    again, own_again = mix(images[turned], others[turned], how, **place, indices=indices[::-1])  # type: ignore[arg-type]
    assert torch.equal(again[turned], whole)
    assert torch.equal(own_again[turned], own)
    for place_in_batch in range(20):
        one = slice(place_in_batch, place_in_batch + 1)
        alone, _ = mix(images[one], others[one], how, **place, indices=indices[one])  # type: ignore[arg-type]
        assert torch.equal(alone, whole[one])


def test_partners_are_drawn_from_the_whole_training_part_only() -> None:
    train = np.arange(0, 400, 4)
    found = partners(train, train, seed=0, epoch=1)
    assert set(found.tolist()) <= set(train.tolist())
    assert len(set(found.tolist())) > 50
    assert (partners(train, train[[7, 3]], seed=0, epoch=1) == found[[7, 3]]).all()
    assert (partners(train, train, seed=0, epoch=2) != found).any()
