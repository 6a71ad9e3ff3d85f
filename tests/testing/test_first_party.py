"""Every model of the registry passes the conformance kit."""

from __future__ import annotations

import pytest

import zoo
from zoo.testing import check_model

SMALLER = {
    "dala": 64,  # the last stage is a 32nd of the image: a heat map of 2x2, the smallest that passes
    "densenet121": 64,
    "dinov2_vits14": 56,  # patches of 14, and half of the size is two patches
    "dinov2_vitb14": 56,
    "lung_resnet50": 64,
    "lung_frelu": 128,  # the last stage is a 64th of the image
    "resnet34": 64,
    "resnet50": 64,
    "resnet50d": 64,
    "resnext50": 64,
    "seresnet50": 64,
    "swin": 64,
    "vgg16": 64,
    "vgg16inception": 96,  # Inception needs at least 75
    "vit": 64,  # patches of 16
}
"""Smaller sizes that save time. All other models have small images."""
IN_BETWEEN = {f"{name}{depth}" for name in ("resnet", "senet", "cbam") for depth in (32, 56)} | {
    "resnet110",
    "senet110",
    "resnet50c",
}
"""Networks that consist of what is checked: between two in depth, as deep as cbam110 with the blocks of resnet20 or
senet20, or resnet50c, which has the stem of resnet50d."""
LARGE = {"cbam110", "lung_resnet50", "dinov2_vitb14", "swin", "vgg16", "vgg16inception"}
"""Networks that take long to check."""
AT_DECLARED_SIZE = ("lung_frelu",)
"""Networks whose layers depend on the size of the images, or whose declared images are not square.

So do those of swin and DINOv2, which would take minutes.
"""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in LARGE else [])
        for name in zoo.list_models()
        if name not in IN_BETWEEN
    ],
)
def test_a_model_of_the_zoo_passes_all_checks(name: str) -> None:
    side = SMALLER.get(name)
    check_model(name, height=side, width=side)


@pytest.mark.slow
@pytest.mark.parametrize("name", AT_DECLARED_SIZE)
def test_a_model_whose_layers_depend_on_the_size_passes_all_checks_at_its_declared_size(name: str) -> None:
    check_model(name)


def test_every_model_that_is_treated_differently_exists() -> None:
    assert set(SMALLER) | IN_BETWEEN | LARGE | set(AT_DECLARED_SIZE) <= set(zoo.list_models())
