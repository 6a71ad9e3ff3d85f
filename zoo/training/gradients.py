"""The gradients of one batch: forward pass, loss and backward pass."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from zoo.classifier import Classifier
from zoo.device import Compute
from zoo.training.batches import Batch
from zoo.training.loss import Loss


class Gradients:
    """Computes the gradients of one batch after the other; each replaces those of the batch before.

    Args:
        classifier: The classifier that is trained.
        forward: Its network, which may be compiled, or wrapped to average gradients over processes.
        loss: The loss.
        compute: How to compute.
        batch_size: The number of images in a batch, over all processes.
        processes: How many processes train together.
    """

    def __init__(
        self,
        classifier: Classifier,
        forward: Callable[[Tensor], Tensor],
        loss: Loss,
        *,
        compute: Compute,
        batch_size: int,
        processes: int = 1,
    ) -> None:
        self.network: nn.Module = classifier.network
        self._classifier, self._forward, self._loss = classifier, forward, loss
        self._compute, self._batch_size, self._processes = compute, batch_size, processes

    def __call__(self, batch: Batch) -> Tensor:
        """Compute the gradients of all parameters, and return this process's share of the mean loss."""
        with self._compute.autocast():
            logits = self._forward(self._compute.arrange(self._classifier.normalize(batch.images)))
        losses = self._loss.sum(logits, batch.labels, batch.other_labels, batch.own_share)
        loss = losses / self._batch_size
        self.network.zero_grad(set_to_none=True)
        scaled = loss if self._processes == 1 else loss * self._processes  # gradients are averaged over processes
        scaled.backward()  # type: ignore[no-untyped-call]
        return loss.detach()
