"""Building blocks for the networks of plugins."""

from zoo.nn.evaluation_mode import evaluation_mode
from zoo.nn.image_size import check_image_size
from zoo.nn.residual_start import start_near_identity
from zoo.nn.separable import adaptive_average, resample_bicubic
from zoo.nn.small_resnet import SmallResNet
from zoo.nn.trunk import load_trunk, resnet_trunk

__all__ = [
    "SmallResNet",
    "adaptive_average",
    "check_image_size",
    "evaluation_mode",
    "load_trunk",
    "resample_bicubic",
    "resnet_trunk",
    "start_near_identity",
]
