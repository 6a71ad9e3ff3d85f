"""VGG16 (Simonyan & Zisserman 2014), as torchvision builds it: 134,268,738 parameters with two classes."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torchvision.models import vgg16

from zoo.nn import adaptive_average, load_trunk

LINEAR = {"pre_logits.fc1": "classifier.0", "pre_logits.fc2": "classifier.3"}
"""The hidden linear layers: their names in timm, where they are convolutions, and in torchvision."""


class AverageTo7(nn.Module):
    """Pooling to 7x7, whatever the size of the images; those of 224 pixels are not changed."""

    def forward(self, x: Tensor) -> Tensor:
        return adaptive_average(x, (7, 7))


def build(num_outputs: int) -> nn.Module:
    """Return the network with fresh weights."""
    network: nn.Module = vgg16(weights=None, num_classes=num_outputs)
    network.register_module("avgpool", AverageTo7())
    return network


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load weights from timm or torchvision; the head stays as it was built."""
    weights = {}
    for key, value in tensors.items():
        layer, _, kind = key.rpartition(".")
        if layer in LINEAR:
            weights[f"{LINEAR[layer]}.{kind}"] = value.flatten(1) if kind == "weight" else value
        elif layer != "head.fc":
            weights[key] = value
    load_trunk(network, weights, keep="classifier.6")
