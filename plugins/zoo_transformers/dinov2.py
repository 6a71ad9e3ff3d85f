"""DINOv2 (Oquab et al. 2023): ViT-S/14 and ViT-B/14 as timm builds them, and one linear layer on the class token.

Liu 2023 counts 22,057,346 and 86,582,018 parameters with two classes. That includes the mask token, which replaces
hidden patches in the training of DINOv2 itself; a classifier never uses it, and timm leaves it out. Here it is kept for
the parameter count and never trained. The position embedding is that of 518 pixels, resampled to the image's size.
Reading: images of 224 pixels, as the paper gives no size.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from zoo.nn import check_image_size, load_trunk, resample_bicubic

PATCH = 14
PRETRAINED_SIDE = 518


class DINOv2(VisionTransformer):  # type: ignore[misc]  # timm has no types
    """timm's network with a linear layer on the class token after the last norm.

    Its positions are resampled with a gradient that is deterministic on a GPU.
    """

    def __init__(self, num_outputs: int, *, embed_dim: int, num_heads: int) -> None:
        super().__init__(
            img_size=PRETRAINED_SIDE,
            patch_size=PATCH,
            embed_dim=embed_dim,
            depth=12,
            num_heads=num_heads,
            init_values=1e-5,
            num_classes=0,
            dynamic_img_size=True,
        )
        self.mask_token = nn.Parameter(torch.zeros(1, embed_dim), requires_grad=False)
        self.num_classes = num_outputs
        self.head = nn.Linear(embed_dim, num_outputs)

    def forward(self, x: Tensor) -> Tensor:
        check_image_size(x, multiple_of=PATCH)
        logits: Tensor = super().forward(x)
        return logits

    def _pos_embed(self, x: Tensor) -> Tensor:
        """Return patches, N x rows x columns x width, as a sequence after the class token, with positions added."""
        side = PRETRAINED_SIDE // PATCH
        grid = self.pos_embed[:, 1:].mT.unflatten(2, (side, side))
        grid = resample_bicubic(grid, (x.shape[1], x.shape[2]))
        positions = torch.cat([self.pos_embed[:, :1], grid.flatten(2).mT], dim=1)
        tokens = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x.flatten(1, 2)], dim=1)
        return self.pos_drop(tokens + positions)  # type: ignore[no-any-return]


def build_vits14(num_outputs: int) -> nn.Module:
    """Return ViT-S/14 with fresh weights."""
    return DINOv2(num_outputs, embed_dim=384, num_heads=6)


def build_vitb14(num_outputs: int) -> nn.Module:
    """Return ViT-B/14 with fresh weights."""
    return DINOv2(num_outputs, embed_dim=768, num_heads=12)


def load_lvd142m(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load weights from timm or from Facebook, whose file has the same names and a mask token."""
    weights = {**tensors, "mask_token": network.get_parameter("mask_token")}
    load_trunk(network, weights, keep="head", without=("head.",))
