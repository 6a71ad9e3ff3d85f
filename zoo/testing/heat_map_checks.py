"""The check that a network gives a heat map."""

from __future__ import annotations

from zoo.errors import PluginError, did_you_mean
from zoo.explain.gradcam import grad_cam
from zoo.testing.case import Case


def has_heat_map(case: Case) -> None:
    """The layer for the heat map exists, and the heat map has height and width."""
    source, network = case.blueprint.heat_map, case.classifier.network
    layer = source.layer
    if layer is None:
        raise PluginError(
            "no layer for the heat map is declared",
            hint="set Architecture(cam_layer=...), or cam_layer in the registry row",
        )
    layers = [name for name, _ in network.named_modules() if name]
    if layer not in layers:
        raise PluginError(f"there is no layer {layer!r} for the heat map", hint=did_you_mean(layer, layers))
    _ = case.logits  # raises an error in forward itself, before the layer is examined
    try:
        heat, _ = grad_cam(network, layer, case.batch(), tokens=source.tokens)
    except PluginError as error:
        raise PluginError(
            error.message, hint="choose a layer before the pooling; for a transformer, set cam_tokens"
        ) from error
    except (RuntimeError, IndexError, AttributeError) as error:
        raise PluginError(
            f"no heat map can be computed from the layer {layer!r}: {type(error).__name__}: {error}",
            hint="choose a layer that forward calls, that returns one tensor, and that the logits depend on",
        ) from error
    if min(heat.shape[1:]) < 2:
        raise PluginError(
            f"the layer {layer!r} gives a heat map of {heat.shape[1]}x{heat.shape[2]}",
            hint="choose a layer before the pooling, whose output has height and width",
        )
