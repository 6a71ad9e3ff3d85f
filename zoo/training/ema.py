"""An exponential moving average of the weights, often better than the last weights (Polyak 1992; Izmailov 2018)."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from zoo.classifier import Classifier


class WeightAverage:
    """A copy of a classifier whose weights and batch norm statistics are averages of those it had in training."""

    def __init__(self, classifier: Classifier, decay: float) -> None:
        self.classifier = deepcopy(classifier).eval().requires_grad_(False)
        self.decay = decay
        self._averaged = _tensors(self.classifier.network)
        self._trained = _tensors(classifier.network)
        # counts have no average, and a mask with infinity would become NaN
        self._is_copied = [not (one.is_floating_point() and one.isfinite().all()) for one in self._trained]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Add the weights to the average after a step. In early steps the decay is smaller."""
        decay = min(self.decay, (1 + step) / (10 + step))
        floating: list[tuple[Tensor, Tensor]] = []
        copied: list[tuple[Tensor, Tensor]] = []
        for averaged, trained, is_copied in zip(self._averaged, self._trained, self._is_copied, strict=True):
            (copied if is_copied else floating).append((averaged, trained))
        if floating:
            all_averaged, all_trained = zip(*floating, strict=True)
            get_ema_multi_avg_fn(decay)(all_averaged, all_trained, None)  # type: ignore[no-untyped-call]
        for averaged, trained in copied:
            averaged.copy_(trained)


def _tensors(network: nn.Module) -> list[Tensor]:
    """Return the parameters and buffers of a network, detached but sharing memory with it."""
    return [tensor.detach() for tensor in network.state_dict(keep_vars=True).values()]
