"""Baselines: well-known networks to compare with."""

from __future__ import annotations

from collections.abc import Callable

import zoo
from zoo.spec import Architecture, ImageSize, Option, Preprocessing, Pretrained, TimmModel

RESNET34 = Architecture(
    name="resnet34",
    build="zoo_baselines.resnet:build_resnet34",
    summary="ResNet34, as torchvision builds it",
    timm=TimmModel(name="resnet34", classifier="fc", first_conv="conv1"),
    cam_layer="layer4",
    pretrained=(
        Pretrained(
            repo="timm/resnet34.a1_in1k",
            revision="0e8757122c4c09b15fb9300c0fd09b3fe89e28bf",
            sha256="829a220f9529d2b1ffdc8719d3273463001e0daf411eaf1916865d9db62c0ed2",
            license="apache-2.0",
            data="ImageNet-1k",
            load="zoo_baselines.resnet:load_imagenet",
        ),
    ),
)
RESNET50 = Architecture(
    name="resnet50",
    build="zoo_baselines.resnet:build_resnet50",
    summary="ResNet50, as torchvision builds it",
    timm=TimmModel(name="resnet50", classifier="fc", first_conv="conv1"),
    cam_layer="layer4",
    pretrained=(
        Pretrained(
            repo="timm/resnet50.a1_in1k",
            revision="767268603ca0cb0bfe326fa87277f19c419566ef",
            sha256="773525d5821de224f8f30c33377b7a795d7863e08522698200d3217d3f2a41bb",
            license="apache-2.0",
            data="ImageNet-1k",
            load="zoo_baselines.resnet:load_imagenet",
        ),
    ),
)
DENSENET121 = Architecture(
    name="densenet121",
    build="zoo_baselines.densenet:build",
    summary="DenseNet121, as torchvision builds it",
    options={
        "literal": Option(default=False, help="the network that Liu 2023 counts: 1000 outputs and an unused head"),
    },
    cam_layer="features",
    timm=TimmModel(
        name="densenet121", classifier="classifier", first_conv="features.conv0", options={"literal": False}
    ),
    pretrained=(
        Pretrained(
            repo="timm/densenet121.tv_in1k",
            revision="f0d0f2698a02cb133b09d48396db6e1e46fe9f3b",
            sha256="c894c6d9caa317a8ca1942986dee7a16a86c77734a4d691d2abe05389cfef358",
            license="apache-2.0",
            data="ImageNet-1k",
            load="zoo_baselines.densenet:load_imagenet",
        ),
    ),
)
VGG16_IMAGENET = {
    "repo": "timm/vgg16.tv_in1k",
    "revision": "b8d8aa2dd860af9233c8c67385a8097fd6c35d3f",
    "sha256": "57b026918159a6bf9faf8405c3a551903768e7138989d9c6224a14227203fad8",
    "license": "bsd-3-clause",
    "data": "ImageNet-1k",
}
VGG16 = Architecture(
    name="vgg16",
    build="zoo_baselines.vgg:build",
    summary="VGG16, as torchvision builds it",
    cam_layer="features.29",
    timm=TimmModel(name="vgg16", classifier="head.fc", first_conv="features.0", largest_side=224),
    pretrained=(Pretrained(**VGG16_IMAGENET, load="zoo_baselines.vgg:load_imagenet"),),
)
VGG16INCEPTION = Architecture(
    name="vgg16inception",
    build="zoo_baselines.vgg_inception:build",
    summary="VGG16's convolutions and Inception-v3's trunk side by side, their pooled features joined",
    options={
        "activation": Option(default="relu", choices=("relu", "none"), help="activation between the linear layers"),
    },
    image_size=ImageSize(at_least=75),
    # The finer of two possible layers. Its heat map is that of VGG's half; for the other half, use inception.Mixed_7c.
    cam_layer="vgg.29",
    pretrained=(
        Pretrained(**VGG16_IMAGENET, load="zoo_baselines.vgg_inception:load_vgg"),
        Pretrained(
            repo="timm/inception_v3.tv_in1k",
            revision="main",  # its full commit is not known; sha256 pins the content
            sha256="9c452c63a67fd03a38a78c401ba12d4be0e926df63c93403de3a29f6df20fefb",
            license="apache-2.0",
            data="ImageNet-1k",
            load="zoo_baselines.vgg_inception:load_inception",
        ),
    ),
)
SMALL_RESNET = Architecture(
    name="small_resnet",
    build="zoo_baselines.cifar_resnet:build",
    summary="the small residual network of depth 6n+2, for small images",
    options={"depth": Option(default=20, at_least=8, at_most=1202, help="number of layers, 6n+2")},
    preprocessing=Preprocessing(height=64, width=64),
    cam_layer="layer3",
)

TIMM = Architecture(
    name="timm_network",
    build="zoo_baselines.timm_network:build",
    summary="any network of timm, by its name there",
    options={
        "name": Option(default="resnet18", help="the name of the network in timm"),
        "arguments": Option(default="{}", help="arguments of the network, as JSON"),
    },
    standalone=False,
    timm=TimmModel(name="{name}", classifier="", first_conv="", arguments_option="arguments"),
)


@zoo.hookimpl
def zoo_register_models(register: Callable[[Architecture], None]) -> None:
    """Register the baselines."""
    for architecture in (RESNET34, RESNET50, DENSENET121, VGG16, VGG16INCEPTION, SMALL_RESNET, TIMM):
        register(architecture)
