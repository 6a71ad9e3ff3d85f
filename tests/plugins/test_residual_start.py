"""Residual networks that papers compare start alike, so that none has an advantage by its initial weights."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from zoo.nn import start_near_identity
from zoo.registry import registry

LARGE = {
    "dala": 16,
    "resnet34": 16,
    "resnet50": 16,
    "seresnet50": 16,
    "lung_resnet50": 16,
    "resnet50c": 16,
    "resnet50d": 16,
    "resnext50": 16,
}
"""The networks of four stages, with their number of blocks."""
SMALL = ["resnet20", "senet20", "cbam20", "resnet110", "senet110", "cbam110"]


def _scales(name: str) -> list[float]:
    """The scale of every batch norm; all channels of one have the same."""
    network = registry().model(name).build(2)
    norms = [module.weight for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    assert all(len(set(weight.tolist())) == 1 for weight in norms)
    return [round(float(weight[0].detach()), 6) for weight in norms]


@pytest.mark.parametrize("name", LARGE)
def test_every_block_of_a_large_resnet_starts_near_the_identity(name: str) -> None:
    scales = _scales(name)
    assert scales.count(0.1) == LARGE[name], "one for each block"
    assert set(scales) == {0.1, 1.0}


@pytest.mark.parametrize("name", SMALL)
def test_small_residual_networks_with_and_without_attention_start_at_a_scale_of_1(name: str) -> None:
    assert set(_scales(name)) == {1.0}


def test_only_the_last_norm_of_a_branch_is_changed() -> None:
    block = nn.ModuleDict({"bn2": nn.BatchNorm2d(3), "bn3": nn.BatchNorm2d(3), "downsample": nn.BatchNorm2d(3)})
    start_near_identity(block, last_norm="bn3")
    assert torch.equal(block["bn3"].weight.detach(), torch.full((3,), 0.1))
    assert torch.equal(block["bn2"].weight, torch.ones(3))
    assert torch.equal(block["downsample"].weight, torch.ones(3))
