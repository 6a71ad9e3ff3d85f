"""What is declared about public weights, against what timm knows of them."""

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


def known(pretrained):
    return get_pretrained_cfg(pretrained.repo.removeprefix("timm/"))


@pytest.mark.parametrize("name", SOURCES)
def test_content_is_pinned(name):
    _, pretrained = SOURCES[name]
    commit = re.fullmatch(r"[0-9a-f]{40}", pretrained.revision)
    digest = re.fullmatch(r"[0-9a-f]{64}", pretrained.sha256 or "")
    assert commit or digest


@pytest.mark.parametrize("name", SOURCES)
def test_licence_is_the_sources(name):
    _, pretrained = SOURCES[name]
    assert pretrained.licence == known(pretrained).license


@pytest.mark.parametrize("name", [name for name in SOURCES if "inception_v3" not in name])
def test_images_are_normalised_as_the_source_was_trained(name):
    """Inception's are normalised anew inside the network, which test_zoo_baselines.py holds."""
    architecture, pretrained = SOURCES[name]
    preprocessing = architecture.preprocessing
    assert (preprocessing.mean, preprocessing.std) == (known(pretrained).mean, known(pretrained).std)
