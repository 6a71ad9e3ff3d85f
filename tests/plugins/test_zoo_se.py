from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from zoo_se.squeeze_excitation import SqueezeExcitation


@pytest.mark.parametrize("bias", [True, False])
def test_squeeze_and_excitation_is_the_formula_of_hu_2018(bias):
    """s = sigmoid(W2 relu(W1 z)), with z the mean of each channel over the image; the channels are scaled by s."""
    torch.manual_seed(0)
    layer = SqueezeExcitation(8, reduction=2, bias=bias)
    x = torch.randn(3, 8, 4, 5)
    with torch.no_grad():
        hidden = x.flatten(2).mean(dim=2) @ layer.fc1.weight.T + (layer.fc1.bias if bias else 0)
        assert (hidden < 0).any()
        scores = hidden.clamp(min=0) @ layer.fc2.weight.T + (layer.fc2.bias if bias else 0)
        assert_close(layer(x), x / (1 + (-scores).exp())[:, :, None, None])
    assert (layer.fc1.bias is not None) == bias


def test_every_block_of_seresnet50_scales_its_branch_before_the_shortcut_is_added(build):
    with torch.device("meta"):
        network = build("seresnet50")
    blocks = [block for stage in range(1, 5) for block in network.trunk.get_submodule(f"layer{stage}").children()]
    assert len(blocks) == 3 + 4 + 6 + 3
    for block in blocks:
        norm, attention = block.bn3
        assert isinstance(norm, nn.BatchNorm2d)
        assert isinstance(attention, SqueezeExcitation)
