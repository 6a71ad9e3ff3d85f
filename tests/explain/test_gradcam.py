from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

from zoo.errors import PluginError
from zoo.explain import grad_cam


class Small(nn.Module):
    """One convolution, batch norm, an in-place activation, pooling and a linear layer."""

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
    """Patches as a sequence of tokens, after `extra` tokens that are not patches; or as a map, channels last."""

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


def _selecting(*rows: list[float]) -> Callable[[Tensor], Tensor]:
    """Weights of the outputs that do not depend on the logits."""
    return lambda _: torch.tensor(rows)


def _by_hand(features: Tensor, slope: Tensor) -> Tensor:
    """Selvaraju et al., equations 1 and 2, then scaled to 0..1."""
    alpha = slope.mean(dim=(2, 3))
    heat = torch.relu((alpha[:, :, None, None] * features).sum(dim=1))
    return heat / heat.amax(dim=(1, 2), keepdim=True)


@pytest.mark.parametrize("label", [0, 1, 2])
def test_the_heat_map_is_the_formula_of_the_grad_cam_paper(network: Small, label: int) -> None:
    features = network.norm(network.conv(X)).detach().requires_grad_()
    logits = network.fc(torch.relu(features).mean(dim=(2, 3)))
    (slope,) = torch.autograd.grad(logits[:, label].sum(), features)
    heat, _ = grad_cam(network, "norm", X, _selecting(torch.eye(3)[label].tolist()), tokens=None)
    assert heat.shape == (2, 8, 6)
    torch.testing.assert_close(heat, _by_hand(features.detach(), slope))


def test_the_heat_map_is_of_the_predicted_class_unless_weights_are_given(network: Small) -> None:
    number = network(X[:1]).argmax().item()
    named, _ = grad_cam(network, "norm", X[:1], _selecting(torch.eye(3)[number].tolist()), tokens=None)
    predicted, _ = grad_cam(network, "norm", X[:1], tokens=None)
    assert torch.equal(predicted, named)


def test_the_logits_are_those_of_the_networks_own_forward_pass(network: Small) -> None:
    with torch.no_grad():
        logits = network(X)
    _, found = grad_cam(network, "norm", X, tokens=None)
    assert torch.equal(found, logits)
    assert not found.requires_grad


def test_a_forward_pass_in_another_thread_is_not_touched(network: Small) -> None:
    wanted = network(X.flip(0))
    seen: list[Tensor] = []

    def weights(logits: Tensor) -> Tensor:  # called while the features are captured
        with ThreadPoolExecutor(1) as other:
            seen.append(other.submit(network, X.flip(0)).result())
        return torch.ones_like(logits)

    heat, _ = grad_cam(network, "conv", X, weights, tokens=None)
    assert torch.equal(seen[0], wanted)
    assert torch.equal(heat, grad_cam(network, "conv", X, torch.ones_like, tokens=None)[0])


def test_a_layer_that_is_used_twice_leaves_the_logits_as_they_are() -> None:
    class Twice(Small):
        def forward(self, x: Tensor) -> Tensor:
            logits: Tensor = self.fc(self.conv(x).mean(dim=(2, 3)) - self.conv(2 * x).mean(dim=(2, 3)))
            return logits

    network = Twice().eval()
    _, logits = grad_cam(network, "conv", X, tokens=None)
    assert torch.equal(logits, network(X))


def test_the_weights_are_chosen_from_the_logits_of_a_single_forward_pass(network: Small) -> None:
    seen: list[Tensor] = []
    passes: list[object] = []
    network.register_forward_hook(lambda *_: passes.append(None))

    def second_best(logits: Tensor) -> Tensor:
        seen.append(logits)
        return torch.nn.functional.one_hot(logits.argsort(dim=1)[:, 1], 3)

    heat, logits = grad_cam(network, "norm", X[:1], second_best, tokens=None)
    assert len(passes) == len(seen) == 1
    assert torch.equal(seen[0], logits)
    row = torch.eye(3)[int(logits.argsort(dim=1)[0, 1])].tolist()
    assert torch.equal(heat, grad_cam(network, "norm", X[:1], _selecting(row), tokens=None)[0])


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_heat_map_of_a_single_output_is_that_of_the_class_it_predicts(sign: float) -> None:
    torch.manual_seed(0)
    network = Small(1).eval()
    with torch.no_grad():
        network.fc.bias.fill_(sign * 100)
    named, _ = grad_cam(network, "norm", X, _selecting([sign]), tokens=None)
    other, _ = grad_cam(network, "norm", X, _selecting([-sign]), tokens=None)
    predicted, _ = grad_cam(network, "norm", X, tokens=None)
    assert torch.equal(predicted, named)
    assert not torch.equal(predicted, other)


def test_the_values_of_a_heat_map_are_between_0_and_1(network: Small) -> None:
    heat, _ = grad_cam(network, "norm", X, tokens=None)
    assert heat.min() >= 0
    assert heat.amax(dim=(1, 2)).tolist() == [1, 1]


def test_a_heat_map_without_any_gradient_is_zero_and_not_nan(network: Small) -> None:
    with torch.no_grad():
        network.fc.weight.zero_()
    heat, _ = grad_cam(network, "norm", X, tokens=None)
    assert torch.equal(heat, torch.zeros_like(heat))


def test_grad_cam_leaves_mode_hooks_gradients_and_weights_of_the_network_unchanged(network: Small) -> None:
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
def test_a_sequence_of_patch_tokens_is_laid_out_as_in_the_image(height: int, width: int, extra: int) -> None:
    torch.manual_seed(0)
    network = Tokens(extra).eval()
    x = torch.rand(1, 3, height, width)
    plain, _ = grad_cam(network, "embed", x, _selecting([1.0, 0.0]), tokens=None)
    rows, _ = grad_cam(network, "block", x, _selecting([1.0, 0.0]), tokens=extra)
    assert rows.shape == (1, height // 4, width // 4)
    torch.testing.assert_close(rows, plain)


def test_features_with_channels_last_give_the_same_heat_map() -> None:
    torch.manual_seed(0)
    network = Tokens(0, last=True).eval()
    x = torch.rand(1, 3, 16, 24)
    plain, _ = grad_cam(network, "embed", x, _selecting([1.0, 0.0]), tokens=None)
    last, _ = grad_cam(network, "block", x, _selecting([1.0, 0.0]), tokens=0)
    torch.testing.assert_close(last, plain)


def test_a_missing_layer_is_named(network: Small) -> None:
    with pytest.raises(PluginError, match="the layer for the heat map, 'layer9', does not exist"):
        grad_cam(network, "layer9", X, tokens=None)


def test_a_layer_without_a_two_dimensional_map_is_refused(network: Small) -> None:
    with pytest.raises(PluginError, match=r"the layer 'fc' returns no map with two dimensions, but \(2, 3\)"):
        grad_cam(network, "fc", X, tokens=None)


def test_a_number_of_patches_that_does_not_tile_the_image_is_refused() -> None:
    with pytest.raises(PluginError, match="15 patches, which do not tile the image"):
        grad_cam(Tokens(0).eval(), "block", torch.rand(1, 3, 16, 16), tokens=1)
