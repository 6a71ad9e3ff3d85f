from __future__ import annotations

import pytest
import torch
from torch import nn

from zoo.bundle.provenance import InitialWeights
from zoo.config.recipe import Recipe
from zoo.errors import PluginError
from zoo.registry import list_models, registry
from zoo.training.finetuning import (
    freeze,
    head_parameters,
    rate_scales,
    set_training_mode,
    tuned_message,
    tuned_parameters,
)

pytestmark = pytest.mark.usefixtures("empty_charts")


def _recipe(**how: object) -> Recipe:
    return Recipe(name="r", summary="", **how)  # type: ignore[arg-type]


HEADS = {
    "resnet20": {"fc.weight", "fc.bias"},
    "dala": {"fc.weight", "fc.bias"},
}


@pytest.mark.parametrize("name", HEADS)
def test_the_head_is_the_last_layer(name: str) -> None:
    assert set(head_parameters(registry().model(name), 2)) == HEADS[name]


def test_every_model_of_the_registry_has_a_head() -> None:
    for name in list_models():
        head = head_parameters(registry().model(name), 2)
        assert 0 < len(head) <= 4, (name, head)


def test_a_network_without_a_head_is_reported_as_an_error_of_its_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.classifier.head_parameters.meta_network", lambda *_, **__: nn.Linear(3, 2))
    with pytest.raises(PluginError, match="no parameter of small_resnet depends on the number of outputs"):
        head_parameters(registry().model("resnet20"), 2)


@pytest.fixture
def network() -> nn.Sequential:
    torch.manual_seed(0)
    block = nn.Sequential(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4))
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), block, nn.Flatten(), nn.Linear(16, 2))


HEAD = {"4.weight", "4.bias"}


def _trainable(network: nn.Module) -> set[str]:
    """Return the names of the parameters that are trained."""
    return {name for name, parameter in network.named_parameters() if parameter.requires_grad}


def test_all_parameters_are_trained_by_default(network: nn.Module) -> None:
    freeze(network, _recipe(), HEAD)
    assert _trainable(network) == {name for name, _ in network.named_parameters()}


def test_tune_head_trains_only_the_head_and_keeps_batch_norm_statistics(network: nn.Module) -> None:
    recipe = _recipe(tune="head")
    freeze(network, recipe, HEAD)
    assert _trainable(network) == HEAD
    set_training_mode(network, recipe, HEAD)
    before = [buffer.clone() for buffer in network.buffers()]
    network(torch.randn(2, 3, 6, 6)).sum().backward()
    assert all(torch.equal(old, new) for old, new in zip(before, network.buffers(), strict=True))


def test_frozen_batch_norms_keep_their_scales_and_statistics(network: nn.Module) -> None:
    recipe = _recipe(batch_norm="frozen")
    freeze(network, recipe, HEAD)
    assert _trainable(network) == {"0.weight", "0.bias", "2.0.weight", "2.0.bias", *HEAD}
    set_training_mode(network, recipe, HEAD)
    before = [buffer.clone() for buffer in network.buffers()]
    network(torch.randn(2, 3, 6, 6))
    assert all(torch.equal(old, new) for old, new in zip(before, network.buffers(), strict=True))


def test_batch_norms_update_their_statistics_by_default(network: nn.Module) -> None:
    set_training_mode(network, _recipe(), HEAD)
    before = [buffer.clone() for buffer in network.buffers()]
    network(torch.randn(2, 3, 6, 6))
    assert not all(torch.equal(old, new) for old, new in zip(before, network.buffers(), strict=True))


def test_learning_rates_rise_from_the_first_layer_to_the_head(network: nn.Module) -> None:
    scales = rate_scales(network, _recipe(early_rate=0.01), HEAD)
    order = [scales[name] for name in ("0.weight", "1.weight", "2.0.weight", "2.1.weight", "4.weight")]
    assert order[0] == pytest.approx(0.01)
    assert order[-1] == 1.0
    assert order == sorted(order)
    assert len(set(order)) == 5
    assert scales["0.weight"] == scales["0.bias"], "one layer has one rate"


def _weights(*fresh: str) -> InitialWeights:
    return InitialWeights(asked="auto", used="ImageNet-1k", fresh=fresh)


SCRATCH = InitialWeights(asked="auto", used="scratch")


def test_layers_without_pretrained_weights_are_trained_with_the_head(network: nn.Module) -> None:
    recipe = _recipe(tune="head")
    fresh = [name for name in network.state_dict() if name.startswith("2.")]
    tuned = tuned_parameters(network, recipe, HEAD, _weights(*fresh))
    freeze(network, recipe, tuned)
    assert _trainable(network) == {"2.0.weight", "2.0.bias", "2.1.weight", "2.1.bias", *HEAD}
    set_training_mode(network, recipe, tuned)
    assert network.get_submodule("2.1").training, "a batch norm without pretrained statistics learns them"
    assert not network.get_submodule("1").training
    assert (
        tuned_message(tuned, _weights(*fresh)) == "trained: 2.0, 2.1, 4; all other layers keep their pretrained weights"
    )


def test_tune_head_freezes_nothing_from_scratch(network: nn.Module) -> None:
    recipe = _recipe(tune="head")
    tuned = tuned_parameters(network, recipe, HEAD, SCRATCH)
    freeze(network, recipe, tuned)
    set_training_mode(network, recipe, tuned)
    assert _trainable(network) == {name for name, _ in network.named_parameters()}
    assert all(module.training for module in network.modules())
    assert tuned_message(tuned, SCRATCH) == "tune=head freezes nothing, since no layer has pretrained weights"


def test_a_parameter_that_the_network_never_trains_is_not_trained_by_tune_head(network: nn.Module) -> None:
    network.get_parameter("4.bias").requires_grad_(False)
    freeze(network, _recipe(tune="head"), HEAD)
    assert _trainable(network) == {"4.weight"}


def test_layers_without_pretrained_weights_have_the_full_learning_rate(network: nn.Module) -> None:
    recipe = _recipe(early_rate=0.01)
    scales = rate_scales(network, recipe, tuned_parameters(network, recipe, HEAD, _weights("2.0.weight", "2.0.bias")))
    assert scales["2.0.weight"] == scales["4.weight"] == 1
    assert scales["0.weight"] == pytest.approx(0.01)
    from_scratch = rate_scales(network, recipe, tuned_parameters(network, recipe, HEAD, SCRATCH))
    assert from_scratch == rate_scales(network, recipe, HEAD)
