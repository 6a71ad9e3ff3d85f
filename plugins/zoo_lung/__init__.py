"""The lung cancer network of Kim and Kang (2023), and the residual networks that they compare it with."""

from __future__ import annotations

from collections.abc import Callable

import zoo
from zoo.spec import Architecture, Option, Preprocessing, Pretrained, TimmModel

LUNG_FRELU = Architecture(
    name="lung_frelu",
    build="zoo_lung.frelu_resnet:build",
    summary="pre-activation ResNet50 with FReLU, depthwise convolutions, channel and spatial attention",
    options={
        "stem_stride": Option(default=2, choices=(1, 2), help="stride of the stem's second convolution"),
        "first_stride": Option(default=2, choices=(1, 2), help="stride of the first stage's downsampling block"),
        "shortcut": Option(
            default="activated",
            choices=("activated", "raw"),
            help="input of a downsampling block's shortcut: after batch norm and FReLU, or as it is",
        ),
        "between": Option(
            default=False,
            help="batch norm and FReLU also between a depthwise convolution and its 1x1 convolution",
        ),
        "kernel": Option(
            default=0,
            choices=(0, 3, 5, 7, 9),
            help="kernel size of the channel attention; 0: by ECA-Net's rule, from the number of channels",
        ),
    },
    preprocessing=Preprocessing(height=240, width=320),
    cam_layer="act",
)
RESNET50C = Architecture(
    name="resnet50c",
    build="zoo_lung.resnets:build_resnet50c",
    timm=TimmModel(name="resnet50c", classifier="fc", first_conv="conv1.0"),
    summary="ResNet50-C: three 3x3 convolutions instead of the stem's 7x7",
    preprocessing=Preprocessing(height=240, width=320, interpolation="bicubic"),
    cam_layer="layer4",
)
RESNET50D = Architecture(
    name="resnet50d",
    build="zoo_lung.resnets:build_resnet50d",
    timm=TimmModel(name="resnet50d", classifier="fc", first_conv="conv1.0"),
    summary="ResNet50-D: ResNet50-C with average pooling in its shortcuts",
    preprocessing=Preprocessing(height=240, width=320, interpolation="bicubic"),
    cam_layer="layer4",
    pretrained=(
        Pretrained(
            repo="timm/resnet50d.ra2_in1k",
            revision="b5aa118ea31ee6b9e8cceff7764d2156c27b54bc",
            license="apache-2.0",
            data="ImageNet-1k",
            load="zoo_lung.resnets:load_imagenet",
        ),
    ),
)
RESNEXT50 = Architecture(
    name="resnext50",
    build="zoo_lung.resnets:build_resnext50",
    timm=TimmModel(name="resnext50_32x4d", classifier="fc", first_conv="conv1"),
    summary="ResNeXt50 32x4d: ResNet50 whose 3x3 convolutions have 32 groups",
    preprocessing=Preprocessing(height=240, width=320, interpolation="bicubic"),
    cam_layer="layer4",
    pretrained=(
        Pretrained(
            repo="timm/resnext50_32x4d.a1h_in1k",
            revision="8af8dd95e2a7538fad74714fc76507d9de9de33c",
            license="apache-2.0",
            data="ImageNet-1k",
            load="zoo_lung.resnets:load_imagenet",
        ),
    ),
)


@zoo.hookimpl
def zoo_register_models(register: Callable[[Architecture], None]) -> None:
    """Register the paper's network and the residual networks that no other plugin has."""
    for architecture in (LUNG_FRELU, RESNET50C, RESNET50D, RESNEXT50):
        register(architecture)
