from __future__ import annotations

import copy

import pytest
import timm
import torch
from torch import Tensor, nn
from torchvision.models import resnet50

from zoo import create_model
from zoo.errors import BundleError, UsageError
from zoo.imports import import_object
from zoo.registry import registry
from zoo_dala.dala_resnet import LightweightAttention

CHANNELS = 2048
VARIANTS = [(gate, fusion) for gate in ("relu", "sigmoid") for fusion in ("sum", "scale")]


def _network(gate: str = "relu", fusion: str = "sum", *, seed: int = 0, classes: int = 2) -> nn.Module:
    torch.manual_seed(seed)
    return create_model("dala", num_classes=classes, options={"gate": gate, "fusion": fusion}).network


@pytest.fixture(scope="module")
def _built() -> nn.Module:
    return _network()


@pytest.fixture
def network(_built: nn.Module) -> nn.Module:
    """The network with default options and fresh weights, which a test may change."""
    return copy.deepcopy(_built)


def _load(network: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Load public weights as `zoo train` does."""
    (source,) = registry().model("dala").architecture.pretrained
    import_object(source.load, plugin="dala")(network, tensors)


def _like_trained(network: nn.Module) -> nn.Module:
    """Update the batch norms with data, so that features are as large as in a trained network."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # the mean over all batches
    network.train()
    with torch.no_grad():
        network(torch.randn(32, 3, 48, 48, generator=torch.Generator().manual_seed(1)))
    return network.eval()


@pytest.mark.parametrize(("gate", "fusion"), VARIANTS)
def test_the_network_has_the_papers_number_of_parameters(gate: str, fusion: str) -> None:
    with torch.device("meta"):
        network = _network(gate, fusion)
    assert sum(parameter.numel() for parameter in network.parameters()) == 24_038_594
    block = network.get_submodule("attention")
    assert (block.gate, block.fusion) == (gate, fusion)


def test_the_registry_has_the_papers_number_of_parameters() -> None:
    assert registry().model("dala").entry.parameters == 24_038_594


def test_the_default_options_are_our_interpretation_of_the_paper() -> None:
    blueprint = registry().model("dala")
    assert blueprint.options == {"gate": "relu", "fusion": "sum", "dropout": 0.25}


@pytest.mark.parametrize(("gate", "fusion"), VARIANTS)
def test_the_attention_block_computes_the_papers_formula(gate: str, fusion: str) -> None:
    """The expected values are computed channel by channel from the weights alone."""
    block = LightweightAttention(CHANNELS, gate=gate, fusion=fusion)
    noise = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in block.named_parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=noise) * (0.05 if "weight" in name else 0.5))
    x = torch.rand(2, CHANNELS, 3, 4, generator=noise)
    state = {name: tensor.double() for name, tensor in block.state_dict().items()}
    assert {name: tuple(tensor.shape) for name, tensor in state.items()} == {
        "fc1.weight": (128, CHANNELS),
        "fc1.bias": (128,),
        "fc2.weight": (CHANNELS, 128),
        "fc2.bias": (CHANNELS,),
    }
    expected = torch.empty_like(x, dtype=torch.double)
    for number, image in enumerate(x.double()):
        pooled = image.sum(dim=(1, 2)) / 12
        hidden = state["fc1.weight"] @ pooled + state["fc1.bias"]
        hidden = torch.where(hidden >= 0, hidden, 0.01 * hidden)
        score = state["fc2.weight"] @ hidden + state["fc2.bias"]
        weight = 1 / (1 + torch.exp(-score)) if gate == "sigmoid" else torch.where(score > 0, score, 0 * score)
        assert 0.2 < (score > 0).double().mean() < 0.8
        for channel in range(CHANNELS):
            scaled = image[channel] * weight[channel]
            expected[number, channel] = image[channel] + scaled if fusion == "sum" else scaled
    torch.testing.assert_close(block(x).double(), expected, rtol=1e-4, atol=1e-4)


def test_a_gate_that_is_nearly_closed_has_its_effect_in_bfloat16_too() -> None:
    """Fresh gates are about 0.01, and the numbers just above 1 are 0.0078 apart in bfloat16."""
    torch.manual_seed(0)
    block = LightweightAttention(64, gate="relu", fusion="sum")
    nn.init.zeros_(block.fc2.weight)
    gates = torch.linspace(0, 0.03, 64)
    block.fc2.bias.data.copy_(gates)
    x = torch.rand(8, 64, 7, 7, dtype=torch.bfloat16)
    before = x.float().mean(dim=(0, 2, 3))
    found = block.bfloat16()(x).float().mean(dim=(0, 2, 3)) / before - 1
    assert (found - gates).square().mean().sqrt() < 0.001


def test_the_network_is_resnet50_with_the_attention_block_before_pooling(network: nn.Module) -> None:
    network.eval()
    plain = resnet50(weights=None).eval()
    plain.load_state_dict({**network.get_submodule("trunk").state_dict(), **_head(plain)})
    seen: list[Tensor] = []
    plain.layer4.register_forward_hook(lambda module, given, output: seen.append(output))
    x = torch.rand(1, 3, 48, 32)
    with torch.no_grad():
        plain(x)
        pooled = network.get_submodule("attention")(seen[0]).mean(dim=(2, 3))
        assert torch.equal(network(x), network.get_submodule("fc")(pooled))


def test_dropout_is_applied_before_the_last_layer_in_training_only(network: nn.Module) -> None:
    network.trunk = nn.Identity()
    seen: list[Tensor] = []
    network.get_submodule("fc").register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    x = torch.rand(2, CHANNELS, 2, 2)
    with torch.no_grad():
        network.train()(x)
        network.eval()(x)
    dropped = [(features == 0).double().mean().item() for features in seen]
    assert dropped == [pytest.approx(0.25, abs=0.03), 0]


def test_the_features_of_fresh_weights_are_close_to_those_of_plain_resnet50(network: nn.Module) -> None:
    """With the same trunk, the pooled features of an image differ by about 4 % of their norm."""
    _like_trained(network)
    x = torch.randn(8, 3, 48, 48, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        plain = network.get_submodule("trunk")(x)
        found = network.get_submodule("attention")(plain)
    plain, found = plain.mean(dim=(2, 3)), found.mean(dim=(2, 3))
    distance = (found - plain).norm(dim=1) / plain.norm(dim=1)
    assert distance.max() < 0.06
    assert distance.min() > 0.001, "a closed gate never learns"
    assert torch.cosine_similarity(found, plain).min() > 0.999


def test_every_parameter_gets_a_gradient_in_the_first_step(network: nn.Module) -> None:
    network.train()
    logits = network(torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0)))
    nn.functional.cross_entropy(logits, torch.tensor([0, 1, 1, 0])).backward()
    without = [name for name, parameter in network.named_parameters() if not parameter.grad.abs().sum() > 0]
    assert without == []


@pytest.mark.parametrize(("gate", "fusion"), VARIANTS)
def test_the_attention_block_gets_gradients_with_every_gate_and_fusion(gate: str, fusion: str) -> None:
    """A ReLU gate that is closed for all channels would never open."""
    torch.manual_seed(0)
    block = LightweightAttention(CHANNELS, gate=gate, fusion=fusion)
    x = torch.rand(4, CHANNELS, 2, 2).requires_grad_()
    (block(x) * torch.rand(x.shape)).sum().backward()
    for tensor in (x, *block.parameters()):
        assert (tensor.grad.abs() > 0).double().mean() > 0.4


@pytest.mark.parametrize("library", ["timm", "torchvision"])
def test_with_public_weights_the_trunk_gives_resnet50s_features(network: nn.Module, library: str) -> None:
    torch.manual_seed(5)
    public = timm.create_model("resnet50", pretrained=False) if library == "timm" else resnet50(weights=None)
    for name, tensor in public.state_dict().items():
        if "running" in name:
            tensor.uniform_(0.5, 1.5)  # so that all norms differ
    public.eval()
    head = network.get_submodule("fc").weight.clone()
    _load(network, public.state_dict())
    network.eval()
    seen: list[Tensor] = []
    public.layer4.register_forward_hook(lambda module, given, output: seen.append(output))
    x = torch.rand(1, 3, 48, 32)
    with torch.no_grad():
        public(x)
        assert torch.equal(network.get_submodule("trunk")(x), seen[0])
    assert torch.equal(network.get_submodule("fc").weight, head), "ImageNet's head must not be loaded"


@pytest.mark.parametrize("damage", ["missing", "unexpected", "shape"])
def test_weights_of_another_network_are_refused(network: nn.Module, damage: str) -> None:
    tensors = {name: tensor.clone() for name, tensor in network.get_submodule("trunk").state_dict().items()}
    if damage == "missing":
        del tensors["layer4.2.bn3.running_var"]
    elif damage == "unexpected":
        tensors["layer5.weight"] = torch.zeros(1)
    else:
        tensors["conv1.weight"] = torch.zeros(64, 3, 3, 3)
    with pytest.raises(BundleError, match="these weights are not for"):
        _load(network, tensors)


def test_an_unknown_gate_is_an_error_that_names_the_choices() -> None:
    with pytest.raises(UsageError, match="option gate must be one of relu, sigmoid, not 'tanh'"):
        create_model("dala", options={"gate": "tanh"})


def test_the_last_layer_has_one_output_for_each_class() -> None:
    with torch.device("meta"):
        network = _network(classes=5)
    assert network.get_submodule("fc").weight.shape == (5, CHANNELS)


def _head(network: nn.Module) -> dict[str, Tensor]:
    return {f"fc.{name}": tensor for name, tensor in network.get_submodule("fc").state_dict().items()}
