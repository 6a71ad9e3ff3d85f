"""Swin transformer (Liu, Lin et al. 2021), base, patches of 4 and windows of 7, as timm builds it.

86,745,274 parameters with two classes, as Liu 2023 counts. Images of other sizes are padded to whole windows.
"""

from __future__ import annotations

from collections.abc import Mapping

import timm
from torch import Tensor, nn

from zoo.nn import check_image_size, load_trunk

NAME = "swin_base_patch4_window7_224"
PATCH = 4
COMPUTED = ("relative_position_index", "attn_mask")
"""Tables that older files contain and that timm computes today."""


class Swin(nn.Module):
    """The trunk, which pools the output of its last norm (N x height x width x channels), and one linear layer."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__()
        self.trunk = timm.create_model(NAME, pretrained=False, num_classes=0, strict_img_size=False)
        self.fc = nn.Linear(self.trunk.num_features, num_outputs)

    def forward(self, x: Tensor) -> Tensor:
        check_image_size(x, multiple_of=PATCH)
        logits: Tensor = self.fc(self.trunk(x))
        return logits


def build(num_outputs: int) -> nn.Module:
    """Return the network with fresh weights."""
    return Swin(num_outputs)


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load everything except ImageNet's head and the computed tables."""
    weights = {key: value for key, value in tensors.items() if not key.endswith(COMPUTED)}
    load_trunk(network.get_submodule("trunk"), weights, without=("head.",))
