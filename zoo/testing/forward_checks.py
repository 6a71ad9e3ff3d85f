"""What a network gives for its images."""

from __future__ import annotations

import torch

from zoo.errors import PluginError
from zoo.testing.case import Subject

TOLERANCE = 1e-6
"""Beside as many images, the same image takes the same arithmetic: a fresh gate that sees others differs by little."""


def gives_logits(subject: Subject) -> None:
    """One finite row of outputs for each image."""
    logits = subject.logits
    if tuple(logits.shape) != (2, subject.outputs):
        raise PluginError(
            f"two images give {tuple(logits.shape)}, not (2, {subject.outputs})",
            hint="forward returns one row of num_outputs logits for each image",
        )
    if not torch.isfinite(logits).all():
        raise PluginError("logits are not finite on plain noise", hint="look at the initialisation")


def is_deterministic(subject: Subject) -> None:
    """In eval mode, the same input gives the same bits."""
    x = subject.batch()
    with torch.no_grad():
        first, second = subject.forward(subject.classifier, x), subject.forward(subject.classifier, x)
    if not torch.equal(first.nan_to_num(), second.nan_to_num()):
        raise PluginError(
            "in eval mode the same input gives different outputs",
            hint="use nn.Dropout rather than functional.dropout, and draw nothing at random outside training",
        )


def ignores_neighbours(subject: Subject) -> None:
    """In eval mode, an image's output does not depend on the rest of its batch."""
    beside_some = subject.batch(4)
    beside_others = torch.cat([beside_some[:1], 3 * beside_some[1:].flip(0) + 2])  # as many, and nothing alike
    one, other = (subject.run(subject.classifier, batch)[:1] for batch in (beside_some, beside_others))
    if not torch.allclose(one, other, atol=TOLERANCE, rtol=TOLERANCE, equal_nan=True):
        raise PluginError(
            "in eval mode an image's output depends on the other images of its batch",
            hint="average nothing over the batch; a batch norm needs its running statistics",
        )


def takes_another_size(subject: Subject) -> None:
    """It works on images of half the size, or of twice the size where half is no whole number of patches."""
    expected = subject.logits.shape
    try:
        given = subject.run(subject.classifier, subject.batch(scale=0.5)).shape
    except PluginError as smaller:
        try:
            given = subject.run(subject.classifier, subject.batch(scale=2)).shape
        except PluginError:
            raise PluginError(
                smaller.message,
                where=smaller.where,
                hint="pool to one place before the last layer; resample a table of positions to the size",
            ) from smaller
    if given != expected:
        raise PluginError(
            f"images of another size give {tuple(given)}, not {tuple(expected)}", hint="pool before the last layer"
        )
