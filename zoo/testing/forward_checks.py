"""Checks of what `forward` returns."""

from __future__ import annotations

import torch

from zoo.errors import PluginError
from zoo.testing.case import Case

TOLERANCE = 1e-6
"""Small, since batches of one size are computed in the same way, and an untrained gate changes the logits little."""


def returns_logits(case: Case) -> None:
    """Forward returns one row of finite logits for each image."""
    logits = case.logits
    if tuple(logits.shape) != (2, case.outputs):
        raise PluginError(
            f"two images give logits of shape {tuple(logits.shape)}, not (2, {case.outputs})",
            hint="return one row of num_outputs logits for each image",
        )
    if not torch.isfinite(logits).all():
        raise PluginError("logits are not finite for images of noise", hint="check the initial weights")


def is_deterministic(case: Case) -> None:
    """In eval mode, the same images give exactly the same logits."""
    x = case.batch()
    with torch.no_grad():
        first, second = case.forward(case.classifier, x), case.forward(case.classifier, x)
    if not torch.equal(first.nan_to_num(), second.nan_to_num()):
        raise PluginError(
            "in eval mode the same images give different logits",
            hint="use nn.Dropout instead of functional.dropout, and random numbers only in training",
        )


def ignores_other_images(case: Case) -> None:
    """In eval mode, the logits of an image do not depend on the other images of its batch."""
    batch = case.batch(4)
    others_changed = torch.cat([batch[:1], 3 * batch[1:].flip(0) + 2])
    first, second = (case.run(case.classifier, images)[:1] for images in (batch, others_changed))
    if not torch.allclose(first, second, atol=TOLERANCE, rtol=TOLERANCE, equal_nan=True):
        raise PluginError(
            "in eval mode the logits of an image depend on the other images of its batch",
            hint="compute nothing over the batch; batch norm must track running statistics",
        )


def accepts_another_size(case: Case) -> None:
    """The network accepts images of half the size, or of twice the size if half does not fit its patches."""
    expected = case.logits.shape
    try:
        shape = case.run(case.classifier, case.batch(scale=0.5)).shape
    except PluginError as smaller:
        try:
            shape = case.run(case.classifier, case.batch(scale=2)).shape
        except PluginError:
            raise PluginError(
                smaller.message,
                where=smaller.where,
                hint="pool over height and width before the last layer; resample position embeddings to the size",
            ) from smaller
    if shape != expected:
        raise PluginError(
            f"images of another size give logits of shape {tuple(shape)}, not {tuple(expected)}",
            hint="pool over height and width before the last layer",
        )
