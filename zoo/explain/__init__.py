"""Heat maps: the regions of an image that a prediction depends on."""

from zoo.explain.dt_gradcam import dynamic_threshold
from zoo.explain.gradcam import grad_cam
from zoo.explain.methods import METHODS
from zoo.explain.overlay import RAMP, overlay
from zoo.explain.placement import place

__all__ = ["METHODS", "RAMP", "dynamic_threshold", "grad_cam", "overlay", "place"]
