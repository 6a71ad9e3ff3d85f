"""Every model of the registry works with `torch.export` and `torch.func`."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from zoo.registry import list_models, registry

SIZES = {"vit": 32, "swin": 32, "dinov2_vits14": 28, "vgg16inception": 80}
"""Small images for networks that do not take 64 x 64."""
ALIKE = {"resnet50c", "dinov2_vitb14"}
"""Networks that consist of what is exported: resnet50c has the stem of resnet50d, and dinov2_vitb14 has more channels
than dinov2_vits14."""
FAST = {"resnet20", "cbam20", "vit"}
BLUEPRINTS = sorted((registry().model(name) for name in list_models()), key=lambda one: -one.options.get("depth", 0))
ARCHITECTURES = {blueprint.architecture.name: blueprint.name for blueprint in BLUEPRINTS}
"""The shallowest entry of each architecture: depth makes no difference here."""


def _network(name: str) -> tuple[nn.Module, int]:
    """A network in evaluation mode, and the height and width of small images for it."""
    torch.manual_seed(0)
    return registry().model(name).build(2).eval(), SIZES.get(name, 64)


@pytest.mark.parametrize(
    "name",
    [
        *sorted(FAST),
        *(pytest.param(name, marks=pytest.mark.slow) for name in ARCHITECTURES.values() if name not in FAST | ALIKE),
    ],
)
@pytest.mark.filterwarnings("ignore:.*isinstance.*LeafSpec:FutureWarning")
def test_a_network_is_exported_for_any_number_of_images(name: str) -> None:
    network, size = _network(name)
    images = torch.rand(5, 3, size, size)
    with torch.no_grad():
        program = torch.export.export(network, (images[:2],), dynamic_shapes=({0: torch.export.Dim("batch")},))
        exported = program.module()
        for count in (1, 2, 5):
            torch.testing.assert_close(exported(images[:count]), network(images[:count]), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["resnet20", "cbam20", "senet20", "lung_frelu"])
@pytest.mark.filterwarnings("ignore:There is a performance drop")  # in-place eq under vmap, in CBAM
def test_the_gradients_of_single_images_are_those_of_vmap(name: str) -> None:
    network, size = _network(name)
    size //= 2
    parameters = {name: parameter.detach() for name, parameter in network.named_parameters()}
    buffers = dict(network.named_buffers())

    def loss(weights: dict[str, Tensor], image: Tensor) -> Tensor:
        logits: Tensor = functional_call(network, (weights, buffers), (image[None],))
        return logits.square().sum()

    images = torch.rand(2, 3, size, size)
    found = vmap(grad(loss), in_dims=(None, 0))(parameters, images)
    for number, image in enumerate(images):
        alone = grad(loss)(parameters, image)
        for entry, gradient in alone.items():
            scale = float(gradient.abs().max())
            torch.testing.assert_close(found[entry][number], gradient, rtol=1e-3, atol=1e-4 * max(scale, 1e-6))
