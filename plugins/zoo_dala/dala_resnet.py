"""DALA-ResNet50, after Liu, "Enhancing Breast Cancer Classification Using Transfer ResNet with Lightweight Attention".

The paper names the parts (channel-wise average pooling, two linear layers, LeakyReLU and ReLU, element-wise
multiplication, fusion, dropout) but not their sizes. Its count of 24,038,594 parameters determines them: ResNet50
without its head, Linear(2048 -> 128), Linear(128 -> 2048), both with bias, and Linear(2048 -> 2).

Readings: the gate is the paper's ReLU, and "fusion" is the sum of the features and the gated features. Both are
options. The initial weights are not described either; here those of the second linear layer are near zero, so that the
gate is almost closed and pretrained features change little. (At exactly zero, a ReLU gate would never learn.)
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import resnet50

from zoo.nn import load_trunk, resnet_trunk, start_near_identity

CHANNELS = 2048
REDUCTION = 16


class LightweightAttention(nn.Module):
    """Channel attention: x + x * gate(fc2(leaky_relu(fc1(mean of x over the image))))."""

    def __init__(self, channels: int, *, gate: str, fusion: str) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, channels // REDUCTION)
        self.fc2 = nn.Linear(channels // REDUCTION, channels)
        nn.init.normal_(self.fc2.weight, std=0.01)
        nn.init.constant_(self.fc2.bias, 1.0 if (gate, fusion) == ("relu", "scale") else 0.0)
        self.gate = gate
        self.fusion = fusion

    def forward(self, x: Tensor) -> Tensor:
        pooled = x.mean(dim=(2, 3))
        scores = self.fc2(F.leaky_relu(self.fc1(pooled)))
        weights = (torch.sigmoid(scores) if self.gate == "sigmoid" else F.relu(scores))[:, :, None, None]
        if self.fusion == "sum":
            # x + x * weights, rounded once; 1 + weights would lose most of a small gate in bfloat16
            return torch.addcmul(x, x, weights)
        return x * weights


class DALAResNet50(nn.Module):
    """ResNet50, attention on the features of its last stage, pooling, dropout, one linear layer."""

    def __init__(self, num_outputs: int, *, gate: str, fusion: str, dropout: float) -> None:
        super().__init__()
        self.trunk = resnet_trunk(resnet50(weights=None))
        start_near_identity(self.trunk, last_norm="bn3")
        self.attention = LightweightAttention(CHANNELS, gate=gate, fusion=fusion)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(CHANNELS, num_outputs)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(self.dropout(self.attention(self.trunk(x)).mean(dim=(2, 3))))
        return logits


def build(num_outputs: int, *, gate: str, fusion: str, dropout: float) -> nn.Module:
    """Return the network with fresh weights."""
    return DALAResNet50(num_outputs, gate=gate, fusion=fusion, dropout=dropout)


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load ResNet50 from timm or torchvision, which use the same names, into the trunk."""
    load_trunk(network.get_submodule("trunk"), tensors, without=("fc.",))
