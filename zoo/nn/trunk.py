"""Trunks: the part of a network below its head, and public weights for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from zoo.errors import BundleError, PluginError, did_you_mean


def load_trunk(
    network: nn.Module, tensors: Mapping[str, Tensor], *, keep: str | None = None, without: Sequence[str] = ()
) -> None:
    """Load public weights into a network, or only into its trunk, strictly.

    Every weight needs a tensor of its name and shape, and every tensor a weight, with the exceptions below.

    Args:
        network: The network with its own head (then give `keep`), or only its trunk.
        tensors: The weights by name, as in the file.
        keep: The layer of the network that stays as it was built, such as "fc"; tensors for it are ignored.
        without: How the names of other tensors to ignore begin, such as ("fc.",) for a trunk that has no head.

    Examples:
        >>> resnet = torchvision.models.resnet50(num_classes=2)
        >>> load_trunk(resnet, imagenet_weights, keep="fc")
    """
    weights = {name: tensor for name, tensor in tensors.items() if not name.startswith(tuple(without))}
    try:
        network.load_state_dict({**weights, **_own_weights(network, keep)}, strict=True)
    except RuntimeError as error:
        raise BundleError(f"these weights are not for {type(network).__name__}: {error}") from error


def _own_weights(network: nn.Module, layer: str | None) -> dict[str, Tensor]:
    """Return the present weights of one layer, under their names in the whole network."""
    if layer is None:
        return {}
    try:
        kept = network.get_submodule(layer)
    except AttributeError as error:
        layers = [name for name, _ in network.named_modules() if name]
        hint = did_you_mean(layer, layers)
        raise PluginError(f"{type(network).__name__} has no layer {layer!r} to keep", hint=hint) from error
    return {f"{layer}.{name}": tensor for name, tensor in kept.state_dict().items()}


def resnet_trunk(resnet: nn.Module) -> nn.Sequential:
    """Return a ResNet of torchvision or timm without pooling and head, its layers under the same names.

    Args:
        resnet: The ResNet, such as `torchvision.models.resnet50()`. Its layers are shared, not copied.

    Examples:
        >>> trunk = resnet_trunk(torchvision.models.resnet50())
        >>> trunk(torch.empty(1, 3, 224, 224)).shape
        torch.Size([1, 2048, 7, 7])
    """
    stem = ("conv1", "bn1", "relu" if hasattr(resnet, "relu") else "act1", "maxpool")
    stages = ("layer1", "layer2", "layer3", "layer4")
    return nn.Sequential(OrderedDict((name, resnet.get_submodule(name)) for name in stem + stages))
