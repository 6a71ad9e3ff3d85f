from __future__ import annotations

import pytest
import torch
from torch import nn

from zoo.nn import SmallResNet


@pytest.mark.parametrize("depth", [8, 20, 32])
def test_depth_is_the_number_of_convolutions_and_linear_layers(depth: int) -> None:
    layers = [
        name
        for name, module in SmallResNet(2, depth=depth).named_modules()
        if isinstance(module, nn.Conv2d | nn.Linear) and "shortcut" not in name
    ]
    assert len(layers) == depth


def test_the_last_stage_has_a_quarter_of_the_images_height_and_width() -> None:
    network = SmallResNet(2, depth=20)
    shapes = []
    network.layer3.register_forward_hook(lambda _module, _given, output: shapes.append(output.shape))
    assert network(torch.rand(2, 3, 64, 48)).shape == (2, 2)
    assert shapes == [(2, 64, 16, 12)]


@pytest.mark.parametrize("depth", [2, 7, 21, -4])
def test_a_depth_that_is_not_6n_plus_2_is_an_error(depth: int) -> None:
    with pytest.raises(ValueError, match=rf"depth must be 6n\+2 \(8, 14, 20, 26, 32, \.\.\.\), not {depth}"):
        SmallResNet(2, depth=depth)


def test_attention_is_applied_after_the_second_norm_and_before_the_sum() -> None:
    """An attention module that returns zeros leaves only the shortcut."""

    class Zero(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.channels = channels

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            assert x.shape[1] == self.channels
            return torch.zeros_like(x)

    block = SmallResNet(2, depth=8, attention=Zero).layer1[0]
    x = torch.rand(1, 16, 8, 8)
    assert torch.equal(block(x), x)


def test_an_attention_module_in_place_of_its_class_is_an_error() -> None:
    with pytest.raises(ValueError, match="must be a class or function that is called with a number of channels"):
        SmallResNet(2, depth=8, attention=nn.Identity())
