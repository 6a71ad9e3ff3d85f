"""ResNet of He et al. (2016), as torchvision builds it (stride on the 3x3 convolution, "v1.5")."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torchvision.models import resnet50

from zoo.nn import load_trunk


def build_resnet50(num_outputs: int) -> nn.Module:
    """ResNet50 with fresh weights."""
    network: nn.Module = resnet50(weights=None, num_classes=num_outputs)
    return network


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Everything but ImageNet's head, which stays as it was built."""
    head = {f"fc.{key}": value for key, value in network.get_submodule("fc").state_dict().items()}
    load_trunk(network, {**tensors, **head})
