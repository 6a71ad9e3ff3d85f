"""Where a network looked."""

from zoo.explain.gradcam import grad_cam
from zoo.explain.picture import RAMP, overlay
from zoo.explain.threshold import dynamic_threshold

__all__ = ["RAMP", "dynamic_threshold", "grad_cam", "overlay"]
