"""Grad-CAM (Selvaraju et al. 2017): a heat map of the regions that are evidence for a class.

The features of one layer are weighted by the mean gradient of the class's score and summed over the channels; negative
values are cut.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident

import torch
from torch import Tensor, nn

from zoo.errors import PluginError
from zoo.explain.class_score import ClassScore
from zoo.nn import evaluation_mode
from zoo.nn.gradients_allowed import gradients_allowed


def predicted_class(logits: Tensor) -> Tensor:
    """Return the weights of the outputs, N x outputs, that select the predicted class of each image.

    That is the largest of several outputs. A single output has the weight 1 or -1, by its sign.
    """
    if logits.shape[1] == 1:
        return torch.where(logits >= 0, 1.0, -1.0)
    return torch.nn.functional.one_hot(logits.argmax(dim=1), logits.shape[1]).to(logits.dtype)


def explain(network: nn.Module, image: Tensor, score: ClassScore, *, layer: str, tokens: int | None) -> Tensor:
    """Return the heat map of one image, rows x columns: the method `grad-cam`."""

    def weights(logits: Tensor) -> Tensor:
        score.use(logits)
        return score.weights

    return grad_cam(network, layer, image, weights, tokens=tokens)[0][0]


def grad_cam(
    network: nn.Module,
    layer: str,
    x: Tensor,
    weights: Callable[[Tensor], Tensor] = predicted_class,
    *,
    tokens: int | None,
) -> tuple[Tensor, Tensor]:
    """Return heat maps, N x height x width in 0..1, and the logits of the same forward pass.

    Other threads may run the network at the same time. It works inside `torch.no_grad` and `torch.inference_mode`.

    Args:
        network: A network that returns logits. It is run in evaluation mode.
        layer: The name of the layer whose features are weighted, as in `network.named_modules()`.
        x: A preprocessed batch.
        weights: Given the logits, returns how much each output counts in the score to explain: N x outputs, or one row
            for all images.
        tokens: None for a layer that returns a map of features; for a transformer, the number of leading tokens that
            are not image patches.
    """
    features: list[Tensor] = []
    thread = get_ident()

    def capture(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor | None:
        if get_ident() != thread or features:
            return None  # a forward pass in another thread, or a second use of the layer
        features.append(output.detach().requires_grad_())
        return features[0].clone()  # an in-place activation after the layer must not change the captured features

    try:
        hook = network.get_submodule(layer).register_forward_hook(capture)
    except AttributeError as error:
        raise PluginError(f"the layer for the heat map, {layer!r}, does not exist: {error}") from error
    try:
        # gradients are a setting of this thread alone, but the mode is one of all threads, which evaluation_mode counts
        with gradients_allowed(), evaluation_mode(network):
            logits = network(x.clone() if x.is_inference() else x)
            score = (logits * weights(logits.detach()).to(logits)).sum()
            (gradient,) = torch.autograd.grad(score, features[0])
    finally:
        hook.remove()
    shape = (x.shape[2], x.shape[3])
    importance = _as_map(gradient, tokens, layer, shape).mean(dim=(2, 3), keepdim=True)
    heat = (_as_map(features[0].detach(), tokens, layer, shape) * importance).sum(dim=1).clamp(min=0)
    return heat / heat.amax(dim=(1, 2), keepdim=True).clamp(min=1e-12), logits.detach()


def _as_map(features: Tensor, tokens: int | None, layer: str, shape: tuple[int, int]) -> Tensor:
    """Return features as N x channels x height x width, whether they are a map or a sequence of tokens."""
    if tokens is None:
        if features.ndim != 4:
            raise PluginError(f"the layer {layer!r} returns no map with two dimensions, but {tuple(features.shape)}")
        return features
    if features.ndim == 4:  # N x height x width x channels, as in Swin
        return features.permute(0, 3, 1, 2)
    patches = features[:, tokens:]
    rows = round((patches.shape[1] * shape[0] / shape[1]) ** 0.5)
    if rows == 0 or patches.shape[1] % rows:
        raise PluginError(f"the layer {layer!r} returns {patches.shape[1]} patches, which do not tile the image")
    return patches.transpose(1, 2).reshape(features.shape[0], -1, rows, patches.shape[1] // rows)
