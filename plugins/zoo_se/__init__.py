"""Squeeze-and-excitation networks: the small ones of Guo 2024, and the SEResNet50 that Liu 2023 compares with."""

from __future__ import annotations

from collections.abc import Callable

import zoo
from zoo.spec import Architecture, Option, Preprocessing

SENET = Architecture(
    name="senet",
    build="zoo_se.small_seresnet:build",
    summary="the small residual network with squeeze-and-excitation in every block",
    options={
        "depth": Option(default=20, at_least=8, at_most=1202, help="number of layers, 6n+2"),
        "reduction": Option(default=8, at_least=1, at_most=64, help="reduction ratio of the hidden layer"),
    },
    preprocessing=Preprocessing(height=64, width=64),
    cam_layer="layer3",
)
SERESNET50 = Architecture(
    name="seresnet50",
    build="zoo_se.seresnet50:build",
    summary="ResNet50 with squeeze-and-excitation without biases, and a head of two layers",
    cam_layer="trunk.layer4",
)


@zoo.hookimpl
def zoo_register_models(register: Callable[[Architecture], None]) -> None:
    """Register both architectures."""
    register(SENET)
    register(SERESNET50)
