"""The methods of computing heat maps, and a heat map computed by one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from zoo.errors import PluginError
from zoo.imports import import_object
from zoo.plugin_code import errors_of
from zoo.registry import HeatMapLayer, registry
from zoo.spec import ExplanationMethod

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zoo.explain.class_score import ClassScore

ROUNDING = 1e-4
"""How far values may be outside of 0..1."""


def explanation_methods() -> Mapping[str, ExplanationMethod]:
    """Return every method of `Classifier.explain` by name: those of the zoo, and those of plugins."""
    return registry().plugins.explanation_methods


def heat_map(
    method: ExplanationMethod, network: nn.Module, image: Tensor, score: ClassScore, *, source: HeatMapLayer
) -> Tensor:
    """Return the heat map of one image, rows x columns; a PluginError says what is wrong with the method.

    Other threads may run the network at the same time. It works inside `torch.no_grad` and `torch.inference_mode`. The
    map may have values that are not finite, since the weights of the network may be damaged.

    Args:
        method: The method.
        network: The network. It is run in evaluation mode.
        image: A preprocessed image: 1 x 3 x height x width.
        score: The score of the class to explain.
        source: The layer that the model declares for heat maps.
    """
    import torch

    from zoo.nn import evaluation_mode
    from zoo.nn.gradients_allowed import gradients_allowed

    what = f"explanation method {method.name}"
    function = import_object(method.explain, plugin=what)
    layer = {"layer": source.layer, "tokens": source.tokens} if method.uses_layer else {}
    with errors_of(what, method.explain), gradients_allowed(), evaluation_mode(network):
        heat = function(network, image.clone(), score, **layer)  # the prediction needs the image as it is
    if not isinstance(heat, torch.Tensor) or heat.ndim != 2 or not heat.numel():
        found = tuple(heat.shape) if isinstance(heat, torch.Tensor) else type(heat).__name__
        raise PluginError(
            f"{method.explain} returns {found}", where=what, hint="return a tensor of rows x columns, in any resolution"
        )
    if (heat < -ROUNDING).any() or (heat > 1 + ROUNDING).any():
        raise PluginError(
            f"{method.explain} returns values from {heat.min():.3g} to {heat.max():.3g}",
            where=what,
            hint="all values must be in 0..1; divide by the largest",
        )
    return heat.detach()
