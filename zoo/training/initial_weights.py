"""Initial weights: from the Hub or its cache, or from scratch, and never silently."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from zoo.bundle.provenance import InitialWeights
from zoo.config.train_config import Init
from zoo.errors import BundleError, HubError
from zoo.hub.hub_cache import fetch_file
from zoo.imports import import_object
from zoo.progress import Reporter
from zoo.registry import Blueprint
from zoo.spec import Pretrained
from zoo.tensors import read_tensors


def load_initial_weights(network: nn.Module, blueprint: Blueprint, how: Init, progress: Reporter) -> InitialWeights:
    """Load pretrained weights into a fresh network where they are wanted and can be had."""
    pretrained = blueprint.architecture.pretrained
    if how == "scratch" or not pretrained:
        note = None if how == "scratch" else f"there are no pretrained weights for {blueprint.name}"
        return InitialWeights(asked=how, used="scratch", note=note)
    try:
        tensors = [read_tensors(_fetched(one)) for one in pretrained]
    except (HubError, BundleError) as error:
        if how == "imagenet":
            raise
        note = f"pretrained weights could not be downloaded ({error.message})"
        progress.say(f"{note}: training from scratch")
        return InitialWeights(asked=how, used="scratch", note=note)
    for one, found in zip(pretrained, tensors, strict=True):
        import_object(one.load, plugin=blueprint.plugin)(network, found)
    return InitialWeights(
        asked=how,
        used=", ".join(dict.fromkeys(one.data for one in pretrained)),
        repo=", ".join(one.repo for one in pretrained),
        revision=", ".join(one.revision for one in pretrained),
        licence=", ".join(dict.fromkeys(one.licence for one in pretrained)),
    )


def _fetched(one: Pretrained) -> Path:
    return fetch_file(one.repo, one.file, revision=one.revision, sha256=one.sha256)
