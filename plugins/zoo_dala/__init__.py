"""DALA-ResNet50 (Liu 2023): ResNet50 with one dual-activated lightweight attention block."""

from __future__ import annotations

from collections.abc import Callable

import zoo
from zoo.spec import Architecture, Option, Pretrained

DALA = Architecture(
    name="dala",
    build="zoo_dala.dala_resnet:build",
    summary="ResNet50 with a dual-activated lightweight attention block on its last stage",
    options={
        "gate": Option(
            default="relu",
            choices=("relu", "sigmoid"),
            help="the activation after the second linear layer",
        ),
        "fusion": Option(
            default="sum",
            choices=("sum", "scale"),
            help="sum: the gated features are added to the features; scale: they replace them",
        ),
        "dropout": Option(default=0.25, at_least=0, at_most=1, help="dropout before the last layer"),
    },
    cam_layer="attention",
    pretrained=(
        Pretrained(
            repo="timm/resnet50.a1_in1k",
            revision="767268603ca0cb0bfe326fa87277f19c419566ef",
            sha256="773525d5821de224f8f30c33377b7a795d7863e08522698200d3217d3f2a41bb",
            license="apache-2.0",
            data="ImageNet-1k",
            load="zoo_dala.dala_resnet:load_imagenet",
        ),
    ),
)


@zoo.hookimpl
def zoo_register_models(register: Callable[[Architecture], None]) -> None:
    """Register the architecture of the paper."""
    register(DALA)
