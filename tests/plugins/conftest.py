"""Fixtures for the tests of plugins: architectures built by name, and weights as in a public file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import timm
import torch
from torch import Tensor, nn

from zoo.config.plugin_options import checked_options
from zoo.imports import import_object
from zoo.registry import build_network, registry

Build = Callable[..., nn.Module]
Load = Callable[[str, nn.Module, dict[str, Tensor]], None]
Source = Callable[..., nn.Module]


@pytest.fixture
def build() -> Build:
    """Build an architecture by its name, in eval mode: `build("vit", 2, dropout=0.0)`."""

    def build(name: str, outputs: int = 2, **options: object) -> nn.Module:
        architecture, plugin = registry().architecture(name)
        chosen = {key: option.default for key, option in architecture.options.items()}
        chosen |= checked_options(architecture.options, options, of=name)
        return build_network(architecture, outputs, chosen, plugin=plugin).eval()

    return build


@pytest.fixture
def load() -> Load:
    """Load tensors as `zoo train` loads an architecture's first or n-th pretrained source."""

    def load(name: str, network: nn.Module, tensors: dict[str, Tensor], *, source: int = 0) -> None:
        architecture, plugin = registry().architecture(name)
        import_object(architecture.pretrained[source].load, plugin=plugin)(network, tensors)

    return load


@pytest.fixture
def source() -> Source:
    """Build timm's own network for a public source, with random weights that differ from tensor to tensor."""

    def source(name: str, **options: object) -> nn.Module:
        torch.manual_seed(0)
        network: nn.Module = timm.create_model(name, pretrained=False, **options).eval()
        for tensor in network.state_dict().values():
            if tensor.is_floating_point() and tensor.ndim == 1:  # biases, norms and layer scales are all equal at first
                tensor.uniform_(0.5, 1.5)
        return network

    return source
