"""VGG16Inception, for which Liu 2023 gives 38,139,938 parameters but no description.

The sum is exact for VGG16's convolutions (14,714,688), the trunk of Inception-v3 (21,785,568), and a head
Linear(2560 -> 640) without bias, Linear(640 -> 2) (1,639,682). Readings: both trunks get the image, both outputs are
pooled, and the 512 and 2048 features are concatenated; a ReLU between the linear layers (option `activation`).
"""

from __future__ import annotations

from collections.abc import Mapping

import timm
import torch
from torch import Tensor, nn
from torchvision.models.vgg import cfgs, make_layers

from zoo.nn import check_image_size, load_trunk

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
"""How the images are normalized. Inception was trained with a mean and a deviation of 0.5."""

MIN_SIDE = 75
"""Inception-v3 downsamples smaller images to a size of zero."""


def vgg16_features() -> nn.Module:
    """Return VGG16's convolutions with torchvision's initial weights."""
    features: nn.Module = make_layers(cfgs["D"])
    for module in features.modules():
        if isinstance(module, nn.Conv2d) and module.bias is not None:
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            nn.init.zeros_(module.bias)
    return features


class VGG16Inception(nn.Module):
    """Two trunks side by side, each pooled, and two linear layers."""

    scale: Tensor
    shift: Tensor

    def __init__(self, num_outputs: int, *, activation: str) -> None:
        super().__init__()
        self.vgg = vgg16_features()
        self.inception = timm.create_model("inception_v3", pretrained=False, num_classes=0)
        between = nn.ReLU(inplace=True) if activation == "relu" else nn.Identity()
        self.fc = nn.Sequential(nn.Linear(512 + 2048, 640, bias=False), between, nn.Linear(640, num_outputs))
        mean, std = torch.tensor(MEAN)[:, None, None], torch.tensor(STD)[:, None, None]
        self.register_buffer("scale", std / 0.5, persistent=False)
        self.register_buffer("shift", (mean - 0.5) / 0.5, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        check_image_size(x, at_least=MIN_SIDE)
        features = self.vgg(x).mean(dim=(2, 3)), self.inception(x * self.scale + self.shift)
        logits: Tensor = self.fc(torch.cat(features, dim=1))
        return logits


def build(num_outputs: int, *, activation: str) -> nn.Module:
    """Return the network with fresh weights."""
    return VGG16Inception(num_outputs, activation=activation)


def load_vgg(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load the convolutions of VGG16 from timm or torchvision."""
    features = {key.removeprefix("features."): value for key, value in tensors.items() if key.startswith("features.")}
    load_trunk(network.get_submodule("vgg"), features)


def load_inception(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load Inception-v3 from timm or torchvision, without its head and its auxiliary head."""
    load_trunk(network.get_submodule("inception"), tensors, without=("fc.", "AuxLogits."))
