"""ResNet34 and ResNet50 of He et al. (2016), as torchvision builds them (stride on the 3x3 convolution, "v1.5").

Liu 2023 reports a "ResNet50" with 21,797,672 parameters. That is exactly ResNet34 with ImageNet's 1000 classes.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torchvision.models import resnet34, resnet50

from zoo.nn import load_trunk, start_near_identity


def build_resnet34(num_outputs: int) -> nn.Module:
    """Return ResNet34 with fresh weights."""
    network: nn.Module = resnet34(weights=None, num_classes=num_outputs)
    start_near_identity(network, last_norm="bn2")
    return network


def build_resnet50(num_outputs: int) -> nn.Module:
    """Return ResNet50 with fresh weights."""
    network: nn.Module = resnet50(weights=None, num_classes=num_outputs)
    start_near_identity(network, last_norm="bn3")
    return network


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load weights from timm or torchvision, which use the same names; the head stays as it was built."""
    load_trunk(network, tensors, keep="fc")
