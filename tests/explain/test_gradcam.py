from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from zoo.errors import PluginError
from zoo.explain import grad_cam


class Small(nn.Module):
    """Features by one convolution, an in-place activation behind it, pooling and a linear layer."""

    def __init__(self, outputs: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 3, stride=2)
        self.norm = nn.BatchNorm2d(5)
        self.relu = nn.ReLU(inplace=True)
        self.fc = nn.Linear(5, outputs)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(self.relu(self.norm(self.conv(x))).mean(dim=(2, 3)))
        return logits


class Tokens(nn.Module):
    """Patches in a row, behind so many tokens that are no patches."""

    def __init__(self, extra: int, *, last: bool = False) -> None:
        super().__init__()
        self.extra, self.last = extra, last
        self.embed = nn.Conv2d(3, 6, 4, stride=4)
        self.block = nn.Identity()
        self.fc = nn.Linear(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        patches = self.embed(x)
        row = patches.permute(0, 2, 3, 1) if self.last else patches.flatten(2).transpose(1, 2)
        if not self.last:
            row = torch.cat([torch.full((len(x), self.extra, 6), 9.0), row], dim=1)
        row = self.block(row)
        logits: Tensor = self.fc((row if self.last else row[:, self.extra :]).flatten(1, -2).mean(dim=1))
        return logits


@pytest.fixture
def network() -> Small:
    torch.manual_seed(0)
    return Small().eval()


X = torch.rand(2, 3, 17, 13, generator=torch.Generator().manual_seed(1))


def _by_hand(features: Tensor, slope: Tensor) -> Tensor:
    """Selvaraju et al., equations 1 and 2, then scaled to 0..1."""
    alpha = slope.mean(dim=(2, 3))
    heat = torch.relu((alpha[:, :, None, None] * features).sum(dim=1))
    return heat / heat.amax(dim=(1, 2), keepdim=True)


@pytest.mark.parametrize("label", [0, 1, 2])
def test_it_is_the_papers_formula(network: Small, label: int) -> None:
    features = network.norm(network.conv(X)).detach().requires_grad_()
    logits = network.fc(torch.relu(features).mean(dim=(2, 3)))
    (slope,) = torch.autograd.grad(logits[:, label].sum(), features)
    scores = torch.eye(3)[label : label + 1]
    heat = grad_cam(network, "norm", X, scores, tokens=None)
    assert heat.shape == (2, 8, 6)
    torch.testing.assert_close(heat, _by_hand(features.detach(), slope))


def test_the_predicted_class_is_shown_unless_another_is_named(network: Small) -> None:
    number = network(X[:1]).argmax().item()
    named = grad_cam(network, "norm", X[:1], torch.eye(3)[[number]], tokens=None)
    assert torch.equal(grad_cam(network, "norm", X[:1], tokens=None), named)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_single_output_speaks_for_the_class_it_predicts(sign: float) -> None:
    torch.manual_seed(0)
    network = Small(1).eval()
    with torch.no_grad():
        network.fc.bias.fill_(sign * 100)
    named = grad_cam(network, "norm", X, torch.tensor([[sign]]), tokens=None)
    assert torch.equal(grad_cam(network, "norm", X, tokens=None), named)
    assert not torch.equal(named, grad_cam(network, "norm", X, torch.tensor([[-sign]]), tokens=None))


def test_a_map_lies_between_nothing_and_one(network: Small) -> None:
    heat = grad_cam(network, "norm", X, tokens=None)
    assert heat.min() >= 0
    assert heat.amax(dim=(1, 2)).tolist() == [1, 1]


def test_where_nothing_speaks_for_a_class_the_map_is_empty_and_not_broken(network: Small) -> None:
    with torch.no_grad():
        network.fc.weight.zero_()
    heat = grad_cam(network, "norm", X, tokens=None)
    assert torch.equal(heat, torch.zeros_like(heat))


def test_the_network_is_left_as_it_was(network: Small) -> None:
    network.train()
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with torch.no_grad():
        grad_cam(network, "norm", X, tokens=None)
    assert network.training
    assert not network.norm._forward_hooks
    assert all(parameter.grad is None for parameter in network.parameters())
    assert all(torch.equal(state[name], tensor) for name, tensor in network.state_dict().items())


@pytest.mark.parametrize(("height", "width"), [(16, 16), (16, 32), (32, 16), (8, 40)])
@pytest.mark.parametrize("extra", [0, 1, 5])
def test_patches_in_a_row_are_laid_out_as_they_lie_in_the_image(height: int, width: int, extra: int) -> None:
    torch.manual_seed(0)
    network = Tokens(extra).eval()
    x = torch.rand(1, 3, height, width)
    plain = grad_cam(network, "embed", x, torch.tensor([[1.0, 0.0]]), tokens=None)
    rows = grad_cam(network, "block", x, torch.tensor([[1.0, 0.0]]), tokens=extra)
    assert rows.shape == (1, height // 4, width // 4)
    torch.testing.assert_close(rows, plain)


def test_channels_may_come_last() -> None:
    torch.manual_seed(0)
    network = Tokens(0, last=True).eval()
    x = torch.rand(1, 3, 16, 24)
    plain = grad_cam(network, "embed", x, torch.tensor([[1.0, 0.0]]), tokens=None)
    torch.testing.assert_close(grad_cam(network, "block", x, torch.tensor([[1.0, 0.0]]), tokens=0), plain)


def test_a_layer_that_does_not_exist(network: Small) -> None:
    with pytest.raises(PluginError, match="the layer for the class-activation map, 'layer9', does not exist"):
        grad_cam(network, "layer9", X, tokens=None)


def test_a_layer_without_a_map(network: Small) -> None:
    with pytest.raises(PluginError, match=r"the layer 'fc' gives no map with two dimensions, but \(2, 3\)"):
        grad_cam(network, "fc", X, tokens=None)


def test_patches_that_do_not_tile_the_image() -> None:
    with pytest.raises(PluginError, match="15 patches, which do not tile the image"):
        grad_cam(Tokens(0).eval(), "block", torch.rand(1, 3, 16, 16), tokens=1)
