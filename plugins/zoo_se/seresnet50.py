"""SEResNet50 with the 27,073,090 parameters of the table in Liu 2023.

ResNet50 with squeeze-and-excitation at reduction 16 and without biases after the last batch norm of every bottleneck
(26,022,976), and the head Linear(2048 -> 512), Linear(512 -> 2) (1,050,114). The ReLU between the two is a reading.
Public SEResNet50 weights have biases, so they do not fit.
"""

from __future__ import annotations

from torch import Tensor, nn
from torchvision.models import resnet50

from zoo.nn import resnet_trunk, start_near_identity
from zoo_se.squeeze_excitation import SqueezeExcitation

REDUCTION = 16
STAGES = {"layer1": 256, "layer2": 512, "layer3": 1024, "layer4": 2048}
"""The stages and their channels."""


class SEResNet50(nn.Module):
    """ResNet50 with squeeze-and-excitation in every bottleneck, pooling, two linear layers."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__()
        self.trunk = resnet_trunk(resnet50(weights=None))
        start_near_identity(self.trunk, last_norm="bn3")
        for stage, channels in STAGES.items():
            for bottleneck in self.trunk.get_submodule(stage).children():
                last = bottleneck.get_submodule("bn3")
                attention = SqueezeExcitation(channels, reduction=REDUCTION, bias=False)
                bottleneck.register_module("bn3", nn.Sequential(last, attention))
        self.fc = nn.Sequential(nn.Linear(2048, 512), nn.ReLU(inplace=True), nn.Linear(512, num_outputs))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(self.trunk(x).mean(dim=(2, 3)))
        return logits


def build(num_outputs: int) -> nn.Module:
    """Return the network with fresh weights."""
    return SEResNet50(num_outputs)
