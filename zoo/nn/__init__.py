"""Small pieces for plugin authors."""

from zoo.nn.small_resnet import SmallResNet
from zoo.nn.trunk import load_trunk, resnet_trunk

__all__ = ["SmallResNet", "load_trunk", "resnet_trunk"]
