"""A method of heat maps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ExplanationMethod:
    """An explanation method that a plugin registers: the function that computes a heat map of an image."""

    name: str
    """The name that is typed after `--method`."""
    title: str
    """Its name in figures, such as "Grad-CAM"."""
    explain: str
    """`module:function`, called as `function(network, image, score)`; returns a heat map as rows x columns in 0..1.

    `network` is in evaluation mode, and other threads may use it. `image` is preprocessed: 1 x 3 x height x width.
    `score(logits)` is the score of the class to explain, for each row of logits. The map covers the whole image, in any
    resolution. Gradients are computed.
    """
    summary: str
    uses_layer: bool = False
    """Whether it needs the layer that a model declares for heat maps (`cam_layer`, `cam_tokens`).

    Then the function is called as `function(network, image, score, layer=..., tokens=...)`.
    """
