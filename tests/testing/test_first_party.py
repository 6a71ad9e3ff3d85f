"""The models of the registry pass the conformance kit."""

from __future__ import annotations

import pytest

import zoo
from zoo.testing import check_model

SMALLER = {
    "lung_frelu": (96, 128),  # as long beside its height as its own images
    "dala": 64,  # the last stage is a 32nd of the image: a heat map of 2x2, the smallest that passes
    "densenet121": 64,
    "dinov2_vits14": 56,  # patches of 14, and half of the size is two patches
    "resnet34": 64,
    "resnet50": 64,
    "resnet50d": 64,
    "resnext50": 64,
    "seresnet50": 64,
    "vgg16inception": 96,  # Inception needs at least 75
    "vit": 64,  # patches of 16
}
"""Smaller sizes that save time.

All other models have small images.
"""
IN_BETWEEN = {f"{name}{depth}" for name in ("resnet", "senet", "cbam") for depth in (32, 56)} | {
    "resnet110",
    "senet110",
    "resnet50c",
    "lung_resnet50",
    "dinov2_vitb14",
}
"""Networks that consist of what is checked: between two in depth, as deep as cbam110 with the blocks of resnet20 or
senet20, resnet50c, which has the stem of resnet50d, lung_resnet50, which is resnet50 with the one output of lung_frelu,
and dinov2_vitb14, which is dinov2_vits14 with more channels."""
OF_LIBRARIES = {"swin", "vgg16"}
"""Networks as timm and torchvision build them, which would take a minute each: other tests compare them with the
library, export and train them. `zoo verify swin` runs the kit."""
LARGE = {"cbam110", "lung_frelu", "vgg16inception"}
"""Networks that take long to check."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in LARGE else [])
        for name in zoo.list_models()
        if name not in IN_BETWEEN | OF_LIBRARIES
    ],
)
def test_a_model_of_the_zoo_passes_all_checks(name: str) -> None:
    size = SMALLER.get(name)
    height, width = size if isinstance(size, tuple) else (size, size)
    check_model(name, height=height, width=width)


def test_every_model_that_is_treated_differently_exists() -> None:
    assert set(SMALLER) | IN_BETWEEN | OF_LIBRARIES | LARGE <= set(zoo.list_models())
