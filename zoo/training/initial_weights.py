"""Initial weights: from the Hub or its cache, or from scratch, and never silently."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from zoo.bundle.provenance import InitialWeights
from zoo.errors import BundleError, HubError
from zoo.hub.pinned_file import fetch_file
from zoo.imports import import_object
from zoo.progress import Reporter
from zoo.registry import Blueprint
from zoo.spec import Pretrained
from zoo.tensors import read_tensors
from zoo.text import cut_short


def load_initial_weights(network: nn.Module, blueprint: Blueprint, how: str, progress: Reporter) -> InitialWeights:
    """Load pretrained weights into a new network if the configuration allows it, and return what was loaded.

    Args:
        network: The network.
        blueprint: The model, with the source of its pretrained weights if it has any.
        how: `scratch`, or `auto`, which trains from scratch where weights cannot be downloaded, or `imagenet`, which
            raises an error there.
        progress: Reports that training starts from scratch because weights are not available.
    """
    pretrained = blueprint.architecture.pretrained
    if how == "scratch" or not pretrained:
        note = None if how == "scratch" else f"there are no pretrained weights for {blueprint.name}"
        return InitialWeights(asked=how, used="scratch", note=note)
    try:
        tensors = [read_tensors(_fetch(source)) for source in pretrained]
    except (HubError, BundleError) as error:
        if how == "imagenet":
            raise
        what = "downloaded" if isinstance(error, HubError) else "read"
        note = f"pretrained weights could not be {what} ({error.message})"
        progress.say(f"{note}: training from scratch")
        return InitialWeights(asked=how, used="scratch", note=note)
    for source, loaded in zip(pretrained, tensors, strict=True):
        if damaged := [name for name, tensor in loaded.items() if tensor.isnan().any()]:
            raise BundleError(f"these weights contain NaN: {cut_short(damaged, 4)}", where=source.repo)

    def load_all() -> None:
        for source, loaded in zip(pretrained, tensors, strict=True):
            import_object(source.load, plugin=blueprint.plugin)(network, loaded)

    fresh = load_and_compare(network, load_all)
    return InitialWeights(
        asked=how,
        used=", ".join(dict.fromkeys(source.data for source in pretrained)),
        repo=", ".join(source.repo for source in pretrained),
        revision=", ".join(source.revision for source in pretrained),
        license=", ".join(dict.fromkeys(source.license for source in pretrained)),
        fresh=fresh,
    )


def load_and_compare(network: nn.Module, load: Callable[[], None]) -> tuple[str, ...]:
    """Load weights, and return the names of the parameters and buffers that kept values from before.

    All values are NaN while the weights are loaded, and what is still NaN after it was not loaded. So the answer does
    not depend on how a plugin loads weights, nor on weights that equal the initial ones, such as the zeros of a bias.

    Args:
        network: The network.
        load: Loads the weights into the network.
    """
    before = {name: tensor.clone() for name, tensor in network.state_dict().items() if _can_be_nan(tensor)}
    for tensor in network.state_dict().values():
        if _can_be_nan(tensor):
            tensor.fill_(torch.nan)
    load()
    fresh = []
    for name, tensor in network.state_dict().items():
        missing = tensor.isnan()
        if name in before and bool(missing.any()):
            tensor.copy_(torch.where(missing, before[name], tensor))
            fresh.append(name)
    return tuple(fresh)


def _can_be_nan(tensor: Tensor) -> bool:
    return tensor.is_floating_point() or tensor.is_complex()


def _fetch(source: Pretrained) -> Path:
    """Return the file of pretrained weights in the Hub's cache, downloading it if it is not there."""
    return fetch_file(source.repo, source.file, revision=source.revision, sha256=source.sha256)
