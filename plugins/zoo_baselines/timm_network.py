"""Any network of timm, by the name that timm gives it: for repositories that timm wrote."""

from __future__ import annotations

import json

import timm
from torch import nn

ARGUMENTS = (
    "class_token",
    "dynamic_img_size",
    "global_pool",
    "img_size",
    "init_values",
    "no_embed_class",
    "reg_tokens",
    "strict_img_size",
)
"""Arguments of networks that weights may depend on. Others, such as the path of a file to load, are refused."""


def build(num_outputs: int, *, name: str, arguments: str) -> nn.Module:
    """Return the network with fresh weights."""
    if not timm.is_model(name):
        raise ValueError(f"timm {timm.__version__} has no network {name!r}; is there a newer version?")
    given = json.loads(arguments)
    if not isinstance(given, dict):
        raise ValueError("the arguments must be a JSON object")
    if unknown := [key for key in given if key not in ARGUMENTS]:
        raise ValueError(f"the argument {unknown[0]!r} is not known; these are: {', '.join(ARGUMENTS)}")
    network: nn.Module = timm.create_model(name, pretrained=False, num_classes=num_outputs, **given)
    return network
