"""Plain networks to compare with."""

from __future__ import annotations

from collections.abc import Callable

import zoo
from zoo.spec import Architecture, Option, Preprocessing, Pretrained

RESNET50 = Architecture(
    name="resnet50",
    build="zoo_baselines.resnet:build_resnet50",
    summary="ResNet50, as torchvision builds it",
    cam_layer="layer4",
    pretrained=(
        Pretrained(
            repo="timm/resnet50.a1_in1k",
            revision="767268603ca0cb0bfe326fa87277f19c419566ef",
            sha256="773525d5821de224f8f30c33377b7a795d7863e08522698200d3217d3f2a41bb",
            licence="apache-2.0",
            data="ImageNet-1k",
            load="zoo_baselines.resnet:load_imagenet",
        ),
    ),
)
SMALL_RESNET = Architecture(
    name="small_resnet",
    build="zoo_baselines.small:build",
    summary="the small residual network of depth 6n+2, for small images",
    options={"depth": Option(default=20, help="number of layers, 6n+2")},
    preprocessing=Preprocessing(height=64, width=64),
    cam_layer="layer3",
)


@zoo.hookimpl
def zoo_register_models(register: Callable[[Architecture], None]) -> None:
    """Register the baselines."""
    register(RESNET50)
    register(SMALL_RESNET)
