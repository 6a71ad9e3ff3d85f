"""The residual networks that Kim and Kang compare theirs with, as timm builds them.

ResNet-C and ResNet-D are those of He et al., "Bag of Tricks for Image Classification" (2019), which the paper names;
timm's are the same. All of them have the stride on the 3x3 convolution. ResNet-C: a stem of three 3x3 convolutions with
32, 32 and 64 filters. ResNet-D: that, and 2x2 average pooling before the 1x1 convolution of a shortcut.

Reading: the paper names no source for "ResNext"; here it is ResNeXt-50 32x4d of Xie et al. (2017).
"""

from __future__ import annotations

from collections.abc import Mapping

import timm
from torch import Tensor, nn

from zoo.nn import load_trunk, start_near_identity


def build_resnet50c(num_outputs: int) -> nn.Module:
    """Return ResNet-C with fresh weights."""
    return _from_timm("resnet50c", num_outputs)


def build_resnet50d(num_outputs: int) -> nn.Module:
    """Return ResNet-D with fresh weights."""
    return _from_timm("resnet50d", num_outputs)


def build_resnext50(num_outputs: int) -> nn.Module:
    """Return ResNeXt with fresh weights."""
    return _from_timm("resnext50_32x4d", num_outputs)


def _from_timm(name: str, num_outputs: int) -> nn.Module:
    """Return timm's network; the last norm of a block starts as in the zoo's other ResNets, not at timm's zero."""
    network: nn.Module = timm.create_model(name, pretrained=False, num_classes=num_outputs, zero_init_last=False)
    start_near_identity(network, last_norm="bn3")
    return network


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load everything except ImageNet's head; the network's own stays as it was built."""
    load_trunk(network, tensors, keep="fc")
