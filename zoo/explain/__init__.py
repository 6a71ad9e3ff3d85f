"""Heat maps: the regions of an image that a prediction depends on. Ours are registered through the hook for methods."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from zoo.plugins import hookimpl
from zoo.spec import ExplanationMethod

if TYPE_CHECKING:
    from zoo.explain.class_score import ClassScore
    from zoo.explain.dt_gradcam import dynamic_threshold
    from zoo.explain.gradcam import grad_cam
    from zoo.explain.methods import explanation_methods
    from zoo.explain.overlay import RAMP
    from zoo.explain.placement import place

__all__ = ["METHODS", "RAMP", "ClassScore", "dynamic_threshold", "explanation_methods", "grad_cam", "place"]

METHODS = (
    ExplanationMethod(
        name="grad-cam",
        title="Grad-CAM",
        explain="zoo.explain.gradcam:explain",
        summary="the features of a layer, weighted by the gradient of the class's score",
        uses_layer=True,
    ),
    ExplanationMethod(
        name="dt-gradcam",
        title="DT Grad-CAM",
        explain="zoo.explain.dt_gradcam:explain",
        summary="Grad-CAM above Otsu's threshold",
        uses_layer=True,
    ),
    ExplanationMethod(
        name="dt-gradcam-mean",
        title="DT Grad-CAM, mean + sd",
        explain="zoo.explain.dt_gradcam:explain_above_mean",
        summary="Grad-CAM above the mean plus the standard deviation",
        uses_layer=True,
    ),
    ExplanationMethod(
        name="dt-gradcam-quantile",
        title="DT Grad-CAM, upper fifth",
        explain="zoo.explain.dt_gradcam:explain_upper_fifth",
        summary="Grad-CAM above the value that a fifth of the map exceeds",
        uses_layer=True,
    ),
)
"""The methods of the zoo. The paper of DT Grad-CAM does not define its threshold: Otsu's is our reading."""


@hookimpl
def zoo_register_explanation_methods(register: Callable[[ExplanationMethod], None]) -> None:
    """Register the methods of the zoo."""
    for method in METHODS:
        register(method)


_HOMES = {
    "ClassScore": "zoo.explain.class_score",
    "RAMP": "zoo.explain.overlay",
    "dynamic_threshold": "zoo.explain.dt_gradcam",
    "explanation_methods": "zoo.explain.methods",
    "grad_cam": "zoo.explain.gradcam",
    "place": "zoo.explain.placement",
}
"""What is imported only when it is used, since registering must not import torch."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoo.explain' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value
