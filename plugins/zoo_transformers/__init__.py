"""The transformers that Liu 2023 compares with: a plain ViT, Swin, and two sizes of DINOv2."""

from __future__ import annotations

from collections.abc import Callable

import zoo
from zoo.spec import Architecture, ImageSize, Option, Preprocessing, Pretrained, TimmModel

VIT = Architecture(
    name="vit",
    build="zoo_transformers.vit:build",
    summary="a plain vision transformer of width 1024 and depth 6",
    options={
        "dropout": Option(
            default=0.1, at_least=0, at_most=1, help="dropout after the positions, after attention and in the MLPs"
        )
    },
    image_size=ImageSize(multiple_of=16),
    cam_layer="blocks.5.norm1",
    cam_tokens=1,
)
SWIN = Architecture(
    name="swin",
    build="zoo_transformers.swin:build",
    summary="Swin-B with windows of 7, as timm builds it",
    preprocessing=Preprocessing(interpolation="bicubic"),
    image_size=ImageSize(multiple_of=4),
    cam_layer="norm",
    timm=TimmModel(
        name="swin_base_patch4_window7_224",
        classifier="head.fc",
        first_conv="patch_embed.proj",
        arguments={"strict_img_size": False},
    ),
    cam_tokens=0,
    pretrained=(
        Pretrained(
            repo="timm/swin_base_patch4_window7_224.ms_in22k_ft_in1k",
            revision="a6a1eb2321b4f556fa0fa243fb777d47679f13c9",
            license="mit",
            data="ImageNet-22k, then ImageNet-1k",
            load="zoo_transformers.swin:load_imagenet",
        ),
    ),
)
DINOV2_VITS14 = Architecture(
    name="dinov2_vits14",
    build="zoo_transformers.dinov2:build_vits14",
    summary="DINOv2 ViT-S/14 with a linear head on its class token",
    preprocessing=Preprocessing(interpolation="bicubic"),
    image_size=ImageSize(multiple_of=14),
    cam_layer="blocks.11.norm1",
    timm=TimmModel(
        name="vit_small_patch14_dinov2",
        classifier="head",
        first_conv="patch_embed.proj",
        arguments={"img_size": 518, "dynamic_img_size": True},
    ),
    cam_tokens=1,
    pretrained=(
        Pretrained(
            repo="timm/vit_small_patch14_dinov2.lvd142m",
            revision="4610ca143709d58a633b6397a74412c2c3842454",
            sha256="04d27f3400d059fc0cfd7d17dd1909a75bf3ea8fb3eeb48b97cb99e57ee20081",
            license="apache-2.0",
            data="LVD-142M, without labels",
            load="zoo_transformers.dinov2:load_lvd142m",
        ),
    ),
)
DINOV2_VITB14 = Architecture(
    name="dinov2_vitb14",
    build="zoo_transformers.dinov2:build_vitb14",
    summary="DINOv2 ViT-B/14 with a linear head on its class token",
    preprocessing=Preprocessing(interpolation="bicubic"),
    image_size=ImageSize(multiple_of=14),
    cam_layer="blocks.11.norm1",
    timm=TimmModel(
        name="vit_base_patch14_dinov2",
        classifier="head",
        first_conv="patch_embed.proj",
        arguments={"img_size": 518, "dynamic_img_size": True},
    ),
    cam_tokens=1,
    pretrained=(
        Pretrained(
            repo="timm/vit_base_patch14_dinov2.lvd142m",
            revision="4685c99dabffe5affac90bd99dbffd25801ae58d",
            sha256="55cbb5d887b336d430e649c277b85a1429e724871f9d02ac16203235886d8c7b",
            license="apache-2.0",
            data="LVD-142M, without labels",
            load="zoo_transformers.dinov2:load_lvd142m",
        ),
    ),
)


@zoo.hookimpl
def zoo_register_models(register: Callable[[Architecture], None]) -> None:
    """Register the four architectures."""
    for architecture in (VIT, SWIN, DINOV2_VITS14, DINOV2_VITB14):
        register(architecture)
