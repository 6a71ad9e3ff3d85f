"""Loading public weights into part of a network."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from zoo.errors import BundleError


def load_trunk(trunk: nn.Module, tensors: Mapping[str, Tensor], *, without: Sequence[str] = ()) -> None:
    """Load strictly, but for the keys that begin with one of `without`, such as another task's head."""
    kept = {key: value for key, value in tensors.items() if not key.startswith(tuple(without))}
    try:
        trunk.load_state_dict(kept, strict=True)
    except RuntimeError as error:
        raise BundleError(f"these weights are not for {type(trunk).__name__}: {error}") from error


def resnet_trunk(resnet: nn.Module) -> nn.Sequential:
    """A ResNet of torchvision's or timm's making, from its stem to its last stage, under the same names."""
    stem = ("conv1", "bn1", "relu" if hasattr(resnet, "relu") else "act1", "maxpool")
    stages = ("layer1", "layer2", "layer3", "layer4")
    return nn.Sequential(OrderedDict((name, resnet.get_submodule(name)) for name in stem + stages))
