from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from zoo.errors import BundleError, PluginError
from zoo.nn import load_trunk, resnet_trunk


class Network(nn.Module):
    """A layer of features and a head."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__()
        self.features = nn.Linear(4, 3)
        self.fc = nn.Linear(3, num_outputs)


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    return Network(2)


@pytest.fixture
def imagenet() -> dict[str, Tensor]:
    """The weights of the same network with a thousand classes."""
    torch.manual_seed(1)
    return Network(1000).state_dict()


def test_everything_is_loaded_except_the_layer_to_keep(network: Network, imagenet: dict[str, Tensor]) -> None:
    head = network.fc.weight.clone()
    load_trunk(network, imagenet, keep="fc")
    assert torch.equal(network.features.weight, imagenet["features.weight"])
    assert torch.equal(network.features.bias, imagenet["features.bias"])
    assert torch.equal(network.fc.weight, head)


def test_the_layer_to_keep_may_be_missing_from_the_file(network: Network, imagenet: dict[str, Tensor]) -> None:
    load_trunk(network, {name: imagenet[name] for name in ("features.weight", "features.bias")}, keep="fc")
    assert torch.equal(network.features.weight, imagenet["features.weight"])


def test_without_a_layer_to_keep_the_head_is_loaded_too(network: Network) -> None:
    other = Network(2)
    load_trunk(network, other.state_dict())
    assert torch.equal(network.fc.weight, other.fc.weight)


def test_a_layer_to_keep_that_does_not_exist_is_an_error(network: Network, imagenet: dict[str, Tensor]) -> None:
    with pytest.raises(PluginError, match=r"(?s)Network has no layer 'fcc' to keep.*did you mean fc\?"):
        load_trunk(network, imagenet, keep="fcc")


def test_tensors_can_be_left_out_by_the_prefix_of_their_names(network: Network, imagenet: dict[str, Tensor]) -> None:
    trunk = nn.Sequential()
    trunk.features = network.features
    load_trunk(trunk, {**imagenet, "AuxLogits.fc.weight": torch.zeros(1)}, without=("fc.", "AuxLogits."))
    assert torch.equal(network.features.weight, imagenet["features.weight"])


@pytest.mark.parametrize("damage", ["missing", "unexpected", "shape"])
def test_weights_that_do_not_match_are_refused_and_named(
    network: Network, imagenet: dict[str, Tensor], damage: str
) -> None:
    name = "extra.weight" if damage == "unexpected" else "features.weight"
    if damage == "missing":
        del imagenet[name]
    else:
        imagenet[name] = torch.zeros(1)
    with pytest.raises(BundleError, match=rf"(?s)these weights are not for Network: .*{name}"):
        load_trunk(network, imagenet, keep="fc")


@pytest.mark.parametrize("library", ["torchvision", "timm"])
def test_a_resnet_trunk_gives_the_features_of_the_last_stage_under_the_same_names(library: str) -> None:
    import timm
    from torchvision.models import resnet18

    torch.manual_seed(0)
    resnet = resnet18(weights=None) if library == "torchvision" else timm.create_model("resnet18", pretrained=False)
    trunk = resnet_trunk(resnet.eval())
    seen: list[Tensor] = []
    resnet.layer4.register_forward_hook(lambda _module, _given, output: seen.append(output))
    x = torch.rand(1, 3, 64, 32)
    with torch.no_grad():
        resnet(x)
        assert_close(trunk(x), seen[0])
    assert trunk.state_dict().keys() == {name for name in resnet.state_dict() if not name.startswith("fc.")}
