"""Swin transformer (Liu, Lin et al. 2021), base, patches of 4 and windows of 7, as timm builds it.

86,745,274 parameters with two classes, as Liu 2023 counts. Images of other sizes are padded to whole windows.
"""

from __future__ import annotations

from collections.abc import Mapping

import timm
from torch import Tensor, nn

from zoo.nn import load_trunk
from zoo_transformers.sides import check_sides

NAME = "swin_base_patch4_window7_224"
PATCH = 4
COMPUTED = ("relative_position_index", "attn_mask")


class Swin(nn.Module):
    """The trunk, whose last norm gives N x height x width x channels and which pools that, and one linear layer."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__()
        self.trunk = timm.create_model(NAME, pretrained=False, num_classes=0, strict_img_size=False)
        self.fc = nn.Linear(self.trunk.num_features, num_outputs)

    def forward(self, x: Tensor) -> Tensor:
        check_sides(x, patch=PATCH)
        logits: Tensor = self.fc(self.trunk(x))
        return logits


def build(num_outputs: int) -> nn.Module:
    """The network with fresh weights."""
    return Swin(num_outputs)


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Everything but ImageNet's head, and but what older files hold of tables that today's timm computes."""
    weights = {key: value for key, value in tensors.items() if not key.endswith(COMPUTED)}
    load_trunk(network.get_submodule("trunk"), weights, without=("head.",))
