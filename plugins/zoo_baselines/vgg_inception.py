"""VGG16Inception, the network that Liu 2023 counts with 38,139,938 parameters and does not describe.

The sum is exact for VGG16's convolutions (14,714,688) beside the trunk of Inception-v3 (21,785,568), and a head
Linear(2560 -> 640) without bias, Linear(640 -> 2) (1,639,682). So the shape is a reading: both see the image, both are
pooled, 512 and 2048 features are joined. A ReLU stands between the linear layers (option activation).
"""

from __future__ import annotations

from collections.abc import Mapping

import timm
import torch
from torch import Tensor, nn
from torchvision.models.vgg import cfgs, make_layers

from zoo.nn import load_trunk

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
"""What images are normalised with when they come in. Inception wants 0.5 and 0.5."""

SMALLEST = 75
"""Of fewer pixels Inception leaves nothing."""


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
        if min(x.shape[-2:]) < SMALLEST:
            raise ValueError(f"image sides must be {SMALLEST} or more, and {x.shape[-2]}x{x.shape[-1]} is less")
        seen = self.vgg(x).mean(dim=(2, 3)), self.inception(x * self.scale + self.shift)
        logits: Tensor = self.fc(torch.cat(seen, dim=1))
        return logits


def vgg16_features() -> nn.Module:
    """VGG16's convolutions, begun as torchvision begins them."""
    features: nn.Module = make_layers(cfgs["D"])
    for module in features.modules():
        if isinstance(module, nn.Conv2d) and module.bias is not None:
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            nn.init.zeros_(module.bias)
    return features


def build(num_outputs: int, *, activation: str) -> nn.Module:
    """The network with fresh weights."""
    return VGG16Inception(num_outputs, activation=activation)


def load_vgg(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Of VGG16's weights, from timm or torchvision, the convolutions."""
    features = {key.removeprefix("features."): value for key, value in tensors.items() if key.startswith("features.")}
    load_trunk(network.get_submodule("vgg"), features)


def load_inception(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Of Inception's weights, from timm or torchvision, all but the head and the auxiliary head."""
    load_trunk(network.get_submodule("inception"), tensors, without=("fc.", "AuxLogits."))
