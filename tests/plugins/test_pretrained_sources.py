"""The declarations of public weights, compared with those of timm."""

from __future__ import annotations

import re

import pytest
from timm.models import get_pretrained_cfg

from zoo.registry import registry

SOURCES = {
    f"{architecture.name}-{pretrained.repo}": (architecture, pretrained)
    for architecture in registry().plugins.models.values()
    for pretrained in architecture.pretrained
}


def timm_config(pretrained):
    return get_pretrained_cfg(pretrained.repo.removeprefix("timm/"))


@pytest.mark.parametrize("name", SOURCES)
def test_public_weights_are_pinned_to_a_commit_or_a_checksum(name):
    _, pretrained = SOURCES[name]
    commit = re.fullmatch(r"[0-9a-f]{40}", pretrained.revision)
    digest = re.fullmatch(r"[0-9a-f]{64}", pretrained.sha256 or "")
    assert commit or digest


@pytest.mark.parametrize("name", SOURCES)
def test_the_license_of_public_weights_is_the_one_that_timm_gives(name):
    _, pretrained = SOURCES[name]
    assert pretrained.license == timm_config(pretrained).license


@pytest.mark.parametrize("name", [name for name in SOURCES if "inception_v3" not in name])
def test_images_are_normalized_as_in_the_training_of_the_public_weights(name):
    """Inception normalizes inside the network, which test_zoo_baselines.py tests."""
    architecture, pretrained = SOURCES[name]
    preprocessing = architecture.preprocessing
    assert (preprocessing.mean, preprocessing.std) == (timm_config(pretrained).mean, timm_config(pretrained).std)
