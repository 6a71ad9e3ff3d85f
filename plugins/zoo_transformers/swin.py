"""Swin transformer (Liu, Lin et al. 2021), base, patches of 4 and windows of 7, as timm builds it.

86,745,274 parameters with two classes, as Liu 2023 counts. Images of other sizes are padded to whole windows.
"""

from __future__ import annotations

from collections.abc import Mapping

from timm.models.swin_transformer import SwinTransformer
from torch import Tensor, nn

from zoo.nn import check_image_size, load_trunk

PATCH = 4
COMPUTED = ("relative_position_index", "attn_mask")
"""Tables that older files contain and that timm computes today."""


class Swin(SwinTransformer):  # type: ignore[misc]  # timm has no types
    """timm's network, which pools the output of its last norm, with a head whose weights start as torch's do."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__(
            patch_size=PATCH,
            window_size=7,
            embed_dim=128,
            depths=(2, 2, 18, 2),
            num_heads=(4, 8, 16, 32),
            num_classes=0,
            strict_img_size=False,
        )
        self.num_classes = num_outputs
        self.head.fc = nn.Linear(self.num_features, num_outputs)

    def forward(self, x: Tensor) -> Tensor:
        check_image_size(x, multiple_of=PATCH)
        logits: Tensor = super().forward(x)
        return logits


def build(num_outputs: int) -> nn.Module:
    """Return the network with fresh weights."""
    return Swin(num_outputs)


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load everything except ImageNet's head and the computed tables."""
    weights = {key: value for key, value in tensors.items() if not key.endswith(COMPUTED)}
    load_trunk(network, weights, keep="head", without=("head.",))
