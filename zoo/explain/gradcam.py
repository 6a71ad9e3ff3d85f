"""Grad-CAM (Selvaraju et al. 2017): where a network looked for a class.

The features of one layer, weighted by the mean gradient of the class's score, summed over channels, negative parts cut.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo.errors import PluginError


def grad_cam(network: nn.Module, layer: str, x: Tensor, scores: Tensor | None = None, *, tokens: int | None) -> Tensor:
    """Maps of the predicted class, N x height x width in 0..1. `scores`: which output counts, as weights N x outputs.

    `tokens`: for transformers, how many leading tokens are no image patches.
    """
    kept: list[Tensor] = []

    def keep(_module: nn.Module, _given: object, output: Tensor) -> Tensor:
        kept.append(output.detach().requires_grad_())
        return kept[0].clone()  # an in-place activation behind the layer must not change what is kept

    try:
        hook = network.get_submodule(layer).register_forward_hook(keep)
    except AttributeError as error:
        raise PluginError(f"the layer for the class-activation map, {layer!r}, does not exist: {error}") from error
    training = network.training
    network.eval()
    try:
        with torch.enable_grad():
            logits = network(x)
            weights = _predicted(logits) if scores is None else scores
            (gradient,) = torch.autograd.grad((logits * weights).sum(), kept[0])
    finally:
        hook.remove()
        network.train(training)
    shape = (x.shape[2], x.shape[3])
    features = _as_map(kept[0].detach(), tokens, layer, shape)
    slope = _as_map(gradient, tokens, layer, shape).mean(dim=(2, 3), keepdim=True)
    heat = (features * slope).sum(dim=1).clamp(min=0)
    return heat / heat.amax(dim=(1, 2), keepdim=True).clamp(min=1e-12)


def _predicted(logits: Tensor) -> Tensor:
    """The predicted class counts; with a single output, its sign does."""
    if logits.shape[1] == 1:
        return torch.where(logits >= 0, 1.0, -1.0)
    return torch.nn.functional.one_hot(logits.argmax(dim=1), logits.shape[1]).to(logits.dtype)


def _as_map(features: Tensor, tokens: int | None, layer: str, shape: tuple[int, int]) -> Tensor:
    """N x channels x height x width, from a map or from a row of tokens."""
    if tokens is None:
        if features.ndim != 4:
            raise PluginError(f"the layer {layer!r} gives no map with two dimensions, but {tuple(features.shape)}")
        return features
    if features.ndim == 4:  # N x height x width x channels, as Swin has it
        return features.permute(0, 3, 1, 2)
    patches = features[:, tokens:]
    rows = round((patches.shape[1] * shape[0] / shape[1]) ** 0.5)
    if rows == 0 or patches.shape[1] % rows:
        raise PluginError(f"the layer {layer!r} gives {patches.shape[1]} patches, which do not tile the image")
    return patches.transpose(1, 2).reshape(features.shape[0], -1, rows, patches.shape[1] // rows)
