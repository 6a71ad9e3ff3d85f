"""The registry: every model, recipe, data source and paper by name."""

from zoo.registry.blueprint import Blueprint, HeatMapLayer, build_network, outputs_for
from zoo.registry.meta_network import TooManyParametersError, meta_network
from zoo.registry.registry import Registry, list_models, registry

__all__ = [
    "Blueprint",
    "HeatMapLayer",
    "Registry",
    "TooManyParametersError",
    "build_network",
    "list_models",
    "meta_network",
    "outputs_for",
    "registry",
]
