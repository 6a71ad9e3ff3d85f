"""The registry: every model, recipe, data source and paper by name."""

from zoo.registry.blueprint import Blueprint, HeatMapLayer, build_network, outputs_for
from zoo.registry.registry import Registry, list_models, registry

__all__ = ["Blueprint", "HeatMapLayer", "Registry", "build_network", "list_models", "outputs_for", "registry"]
