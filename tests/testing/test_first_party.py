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
    "lung_frelu": 128,  # the last stage is a 64th of the image
    "resnet34": 64,
    "resnet50": 64,
    "resnet50c": 64,
    "resnet50d": 64,
    "resnext50": 64,
    "seresnet50": 64,
    "swin": 64,
    "vgg16": 64,
    "vgg16inception": 96,  # Inception needs at least 75
    "vit": 64,  # patches of 16
}
"""Smaller sizes that save time. All other models are checked at their declared size."""
AT_DECLARED_SIZE = ("dala", "densenet121", "dinov2_vits14", "lung_frelu", "swin", "vgg16inception", "vit")
"""One of each kind of network; the others differ from these in width or in a block that the small size runs too."""


@pytest.mark.parametrize("name", zoo.list_models())
def test_every_model_of_the_zoo_passes_all_checks(name: str) -> None:
    side = SMALLER.get(name)
    check_model(name, height=side, width=side)


@pytest.mark.slow
@pytest.mark.parametrize("name", AT_DECLARED_SIZE)
def test_one_model_of_each_kind_passes_all_checks_at_its_declared_size(name: str) -> None:
    check_model(name)


def test_every_model_with_a_smaller_test_size_exists() -> None:
    assert set(SMALLER) <= set(zoo.list_models())
