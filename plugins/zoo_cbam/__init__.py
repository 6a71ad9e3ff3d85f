"""Small residual networks with the convolutional block attention module (Guo 2024)."""

from __future__ import annotations

from collections.abc import Callable

import zoo
from zoo.spec import Architecture, Option, Preprocessing

CBAM = Architecture(
    name="cbam",
    build="zoo_cbam.cbam_resnet:build",
    summary="the small residual network with channel and spatial attention in every block",
    options={
        "depth": Option(default=20, at_least=8, at_most=1202, help="number of layers, 6n+2"),
        "reduction": Option(
            default=8, at_least=1, at_most=64, help="reduction ratio of the channel gate's hidden layer"
        ),
        "kernel": Option(default=3, choices=(3, 5, 7), help="kernel size of the spatial gate's convolution"),
    },
    preprocessing=Preprocessing(height=64, width=64),
    cam_layer="layer3",
)


@zoo.hookimpl
def zoo_register_models(register: Callable[[Architecture], None]) -> None:
    """Register the architecture."""
    register(CBAM)
