"""Every entry of the catalogue is held to what a stranger's network is held to."""

from __future__ import annotations

import pytest

import zoo
from zoo.testing import check_model

SMALLER = {
    "dala": 64,  # the last stage is an eighth of 16x16: a map of 2x2, the least that is a map
    "densenet121": 64,
    "dinov2_vits14": 56,  # patches of 14, and half of it is still two patches
    "dinov2_vitb14": 56,
    "lung_frelu": 128,  # its features are a 64th of the image
    "resnet34": 64,
    "resnet50": 64,
    "resnet50c": 64,
    "resnet50d": 64,
    "resnext50": 64,
    "seresnet50": 64,
    "swin": 64,
    "vgg16": 64,
    "vgg16inception": 96,  # Inception's trunk needs 75
    "vit": 64,  # patches of 16
}
"""Sizes that save time: these networks are big at 224 x 224. All others are held to it at their declared size."""


@pytest.mark.parametrize("name", zoo.list_models())
def test_keeps_what_the_zoo_promises(name: str) -> None:
    side = SMALLER.get(name)
    check_model(name, height=side, width=side)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALLER)
def test_keeps_it_at_its_declared_size(name: str) -> None:
    check_model(name)


def test_the_table_names_models_that_exist() -> None:
    assert set(SMALLER) <= set(zoo.list_models())
