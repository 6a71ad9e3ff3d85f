"""ResNet of He et al. (2016), as torchvision builds it (stride on the 3x3 convolution, "v1.5").

Liu 2023 reports a "ResNet50" of 21,797,672 parameters. To the parameter, that is ResNet34 with ImageNet's 1000 classes.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torchvision.models import resnet34, resnet50

from zoo_baselines.loading import load_but_head


def build_resnet34(num_outputs: int) -> nn.Module:
    """ResNet34 with fresh weights."""
    network: nn.Module = resnet34(weights=None, num_classes=num_outputs)
    return network


def build_resnet50(num_outputs: int) -> nn.Module:
    """ResNet50 with fresh weights."""
    network: nn.Module = resnet50(weights=None, num_classes=num_outputs)
    return network


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Weights from timm or torchvision, which name them alike."""
    load_but_head(network, tensors, head="fc")
