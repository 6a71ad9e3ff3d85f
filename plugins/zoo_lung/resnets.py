"""The networks that Kim and Kang compare theirs with, as timm builds them.

ResNet-C and ResNet-D are those of He et al., "Bag of Tricks for Image Classification" (2019), which the paper names,
and timm's are exactly these. In all of them the stride stands on the 3x3 convolution. ResNet-C: three 3x3 convolutions
of 32, 32 and 64 filters as stem. ResNet-D: that, and 2x2 average pooling before the 1x1 convolution of a shortcut.

Reading: the paper names no source for "ResNext"; here it is ResNeXt-50 32x4d of Xie et al. (2017).
"""

from __future__ import annotations

from collections.abc import Mapping

import timm
from torch import Tensor, nn

from zoo.nn import load_trunk


def build_resnet50c(num_outputs: int) -> nn.Module:
    """ResNet-C with fresh weights."""
    return _from_timm("resnet50c", num_outputs)


def build_resnet50d(num_outputs: int) -> nn.Module:
    """ResNet-D with fresh weights."""
    return _from_timm("resnet50d", num_outputs)


def build_resnext50(num_outputs: int) -> nn.Module:
    """ResNeXt with fresh weights."""
    return _from_timm("resnext50_32x4d", num_outputs)


def _from_timm(name: str, num_outputs: int) -> nn.Module:
    """Every block begins open: timm's default, the last norm at zero, is a trick that the paper does not mention."""
    network: nn.Module = timm.create_model(name, pretrained=False, num_classes=num_outputs, zero_init_last=False)
    return network


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Everything but ImageNet's head, which stays as it was built."""
    head = {f"fc.{key}": value for key, value in network.get_submodule("fc").state_dict().items()}
    load_trunk(network, {**tensors, **head})
