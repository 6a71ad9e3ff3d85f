"""VGG16 (Simonyan & Zisserman 2014), as torchvision builds it: 134,268,738 parameters with two classes."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torchvision.models import vgg16

from zoo_baselines.loading import load_but_head

LINEAR = {"pre_logits.fc1": "classifier.0", "pre_logits.fc2": "classifier.3"}
"""timm's names of the hidden layers, which are convolutions there, and ours."""


def build(num_outputs: int) -> nn.Module:
    """The network with fresh weights."""
    network: nn.Module = vgg16(weights=None, num_classes=num_outputs)
    return network


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Weights from timm: all but ImageNet's head."""
    weights = {}
    for key, value in tensors.items():
        layer, _, kind = key.rpartition(".")
        if layer in LINEAR:
            weights[f"{LINEAR[layer]}.{kind}"] = value.flatten(1) if kind == "weight" else value
        elif layer != "head.fc":
            weights[key] = value
    load_but_head(network, weights, head="classifier.6")
