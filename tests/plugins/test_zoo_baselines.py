from __future__ import annotations

import pytest
import torch
from timm import create_model
from torch import nn
from torch.testing import assert_close
from torchvision import models

from zoo.errors import BundleError, PluginError, UsageError

COUNTS = [
    ("resnet34", {}, 21_285_698),
    ("resnet50", {}, 23_512_130),
    ("densenet121", {}, 6_955_906),
    ("densenet121", {"literal": True}, 9_028_970),
    ("vgg16", {}, 134_268_738),
    ("vgg16inception", {}, 38_139_938),
]
HEADS = {"resnet34": "fc", "resnet50": "fc", "densenet121": "classifier", "vgg16": "classifier.6"}


def images(count: int, height: int, width: int) -> torch.Tensor:
    return torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(1))


def assert_same(features: torch.Tensor, expected: torch.Tensor) -> None:
    """Compare to 1e-5 of the largest value."""
    scale = expected.abs().max()
    assert_close(features / scale, expected / scale, atol=1e-5, rtol=0.0)


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(("name", "options", "count"), COUNTS)
def test_the_number_of_parameters_is_that_of_the_paper(build, name, options, count):
    with torch.device("meta"):
        assert parameters(build(name, **options)) == count


def test_the_papers_resnet50_has_the_parameters_of_resnet34_with_1000_classes(build):
    with torch.device("meta"):
        assert parameters(build("resnet34", 1000)) == 21_797_672


@pytest.mark.parametrize(("name", "options", "count"), COUNTS)
@pytest.mark.parametrize("outputs", [1, 2, 5])
def test_there_is_one_logit_for_each_output_at_any_size(build, name, options, count, outputs):
    with torch.device("meta"):
        network = build(name, outputs, **options)
        for height, width in [(224, 224), (112, 112), (96, 160)]:
            assert network(torch.empty(2, 3, height, width)).shape == (2, outputs)


@pytest.mark.parametrize("name", HEADS)
def test_with_public_weights_the_features_are_those_of_timms_network(build, load, source, name):
    theirs = source(name)
    network = build(name)
    load(name, network, theirs.state_dict())
    x = images(2, 64, 96)
    with torch.no_grad():
        features = theirs.forward_head(theirs.forward_features(x), pre_logits=True)
        logits = network.get_submodule(HEADS[name])(features)
        assert_same(network(x), logits)
        network.set_submodule(HEADS[name], nn.Identity())
        assert_same(network(x), features)


@pytest.mark.parametrize("name", HEADS)
def test_torchvisions_weights_are_loaded_and_the_head_stays_as_it_was_built(build, load, name):
    network = build(name, 5)
    before = network.get_submodule(HEADS[name]).weight.clone()
    theirs = getattr(models, name)(weights=None)
    load(name, network, theirs.state_dict())
    assert torch.equal(network.get_submodule(HEADS[name]).weight, before)
    assert torch.equal(next(network.parameters()), next(theirs.parameters()))


@pytest.mark.parametrize("name", HEADS)
def test_weights_of_another_network_are_refused(build, load, name):
    with pytest.raises(BundleError, match="these weights are not for"):
        load(name, build(name), create_model("resnet18").state_dict())


class TestLiteralDenseNet121:
    def test_the_logits_are_the_first_of_imagenets_1000_outputs(self, build, load, source):
        theirs = source("densenet121")
        network = build("densenet121", 3, literal=True)
        load("densenet121", network, theirs.state_dict())
        x = images(2, 64, 64)
        with torch.no_grad():
            assert_same(network(x), theirs(x)[:, :3])

    def test_the_unused_head_is_neither_called_nor_trained(self, build):
        network = build("densenet121", literal=True)
        network(images(1, 32, 32)).sum().backward()
        idle = {key for key, parameter in network.named_parameters() if parameter.grad is None}
        assert idle == {"fc.0.weight", "fc.0.bias", "fc.2.weight", "fc.2.bias"}
        assert not any(network.get_parameter(key).requires_grad for key in idle)

    def test_more_classes_than_imagenet_has_are_refused(self, build):
        with pytest.raises(PluginError, match="1000 outputs, fewer than 1001"):
            build("densenet121", 1001, literal=True)


class TestVGG16Inception:
    def test_each_trunk_loads_its_own_public_weights(self, build, load, source):
        vgg, inception = source("vgg16"), source("inception_v3")
        network = build("vgg16inception")
        head = network.fc[0].weight.clone()
        load("vgg16inception", network, vgg.state_dict(), source=0)
        auxiliary = {"AuxLogits.conv0.conv.weight": torch.zeros(128, 768, 1, 1)}  # in torchvision's file
        load("vgg16inception", network, {**inception.state_dict(), **auxiliary}, source=1)
        x = images(2, 80, 96)
        with torch.no_grad():
            assert_same(network.vgg(x), vgg.forward_features(x))
            assert_same(network.inception(x), inception.forward_head(inception.forward_features(x), pre_logits=True))
        assert torch.equal(network.fc[0].weight, head)

    def test_weights_of_another_network_are_refused(self, build, load):
        network = build("vgg16inception")
        other = create_model("resnet18").state_dict()
        for source in (0, 1):
            with pytest.raises(BundleError, match="these weights are not for"):
                load("vgg16inception", network, other, source=source)

    def test_inception_gets_images_normalized_with_mean_and_deviation_of_a_half(self, build):
        network = build("vgg16inception")
        seen = []
        network.inception.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
        mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        gray = torch.tensor([0.0, 0.5, 1.0])
        with torch.no_grad():
            network(((gray[:, None] - mean) / std)[:, :, None, None].expand(3, 3, 75, 75))
        expected = torch.tensor([-1.0, 0.0, 1.0])[:, None, None, None].expand(3, 3, 75, 75)
        assert_close(seen[0], expected, atol=1e-6, rtol=0.0)

    def test_the_activation_between_the_linear_layers_is_an_option(self, build):
        relu, none = (build("vgg16inception", activation=activation).fc for activation in ("relu", "none"))
        none.load_state_dict(relu.state_dict())
        features = torch.randn(4, 2560, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            hidden = relu[0](features)
            assert_close(relu(features), relu[2](hidden.clamp(min=0)))
            assert_close(none(features), relu[2](hidden))

    def test_images_too_small_for_inception_are_refused(self, build):
        with torch.device("meta"):
            network = build("vgg16inception")
            with pytest.raises(UsageError, match=r"(?s)at least 75.*80x75"):
                network(torch.empty(1, 3, 80, 74))
