"""Where a network looked."""

from zoo.explain.dt_gradcam import dynamic_threshold
from zoo.explain.gradcam import grad_cam
from zoo.explain.overlay import RAMP, overlay

__all__ = ["RAMP", "dynamic_threshold", "grad_cam", "overlay"]
