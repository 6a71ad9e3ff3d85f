from __future__ import annotations

import pytest
import timm
import torch

from zoo import create_model
from zoo.errors import PluginError
from zoo.imports import import_object
from zoo.registry import registry


@pytest.mark.parametrize(("name", "count"), [("resnet50", 23_512_130), ("resnet20", 271_954)])
def test_parameters_with_two_classes(name: str, count: int) -> None:
    network = create_model(name).network
    assert sum(parameter.numel() for parameter in network.parameters()) == count
    assert registry().model(name).entry.parameters == count


@pytest.mark.parametrize("depth", [8, 20, 32])
def test_the_small_network_has_as_many_layers_as_its_depth_says(depth: int) -> None:
    network = create_model("resnet20", options={"depth": depth}).network
    weighty = [
        name
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear) and "shortcut" not in name
    ]
    assert len(weighty) == depth


def test_the_small_network_halves_the_image_twice() -> None:
    network = create_model("resnet20").network
    seen = []
    network.get_submodule("layer3").register_forward_hook(lambda module, given, output: seen.append(output.shape))
    network(torch.rand(2, 3, 64, 48))
    assert seen == [(2, 64, 16, 12)]


@pytest.mark.parametrize("depth", [2, 7, 21, -4])
def test_a_depth_that_cannot_be(depth: int) -> None:
    with pytest.raises(PluginError, match=rf"depth must be 6n\+2 \(8, 14, 20, 26, 32, \.\.\.\), not {depth}"):
        create_model("resnet20", options={"depth": depth})


def test_public_weights_give_resnet50s_features_and_leave_its_new_head() -> None:
    torch.manual_seed(0)
    public = timm.create_model("resnet50", pretrained=False).eval()
    network = create_model("resnet50", num_classes=3).network
    head = network.get_submodule("fc").weight.clone()
    (source,) = registry().model("resnet50").architecture.pretrained
    import_object(source.load, plugin="baselines")(network, public.state_dict())
    x = torch.rand(1, 3, 48, 32)
    seen = []
    network.get_submodule("avgpool").register_forward_hook(lambda module, given, output: seen.append(output))
    with torch.no_grad():
        network.eval()(x)
        torch.testing.assert_close(seen[0].flatten(1), public.forward_head(public.forward_features(x), pre_logits=True))
    assert torch.equal(network.get_submodule("fc").weight, head)
