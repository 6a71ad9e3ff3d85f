"""Checks of what `forward` returns."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from zoo.errors import PluginError
from zoo.testing.case import Case

TOLERANCE = 1e-6
"""Small, since batches of one size are computed in the same way, and an untrained gate changes the logits little."""
ROUNDING = 1e-4
"""How much the sum of the probabilities of a softmax may differ from 1."""
STRONG = 30
"""How much stronger than usual images and weights are, so that logits near 0 are not taken for probabilities."""
HEADS = 8
"""The number of heads to try. Logits of one head can be between 0 and 1 by chance; of this many, hardly."""


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
    _refuse_probabilities(case)


def _refuse_probabilities(case: Case) -> None:
    """Raise a PluginError if no image and no weights of the head give a value below 0 or above 1, as logits have."""
    finite = []
    for values in _trials(case):
        if ((values < -TOLERANCE) | (values > 1 + TOLERANCE)).any():
            return
        if torch.isfinite(values).all():
            finite.append(values)
    if len(finite) <= HEADS:
        return  # the strong values were too large for this network to tell
    adds_up = case.outputs > 1 and all(((values.sum(1) - 1).abs() < ROUNDING).all() for values in finite)
    found = "probabilities that add up to 1" if adds_up else "values between 0 and 1"
    function = "softmax" if adds_up else "sigmoid"
    raise PluginError(
        f"forward returns {found}, whatever the images and the weights: not logits",
        hint=f"remove the {function} at the end of forward, and return what goes into it; the zoo applies its own",
    )


def _trials(case: Case) -> Iterator[Tensor]:
    """Yield what forward returns for plain and for strong images, and then with other weights of the head."""
    yield case.logits
    for scale in (STRONG, -STRONG):
        yield case.run(case.classifier, scale * case.batch())
    for seed in range(HEADS):
        network = case.new(seed=seed).eval()
        parameters = list(network.parameters())
        head = [parameter for parameter in parameters if _is_of_head(parameter, case.outputs)]
        with torch.no_grad():
            for parameter in head or parameters:
                parameter.add_(torch.randn_like(parameter), alpha=STRONG)
        yield case.run(network, case.batch())


def _is_of_head(parameter: Tensor, outputs: int) -> bool:
    """Return whether a parameter has a row or a column for each output, as the weights and biases of a head have."""
    return outputs in parameter.shape[:1] or (parameter.dim() == 2 and outputs == parameter.shape[1])


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
