"""A running average of the weights, which is often better than the last of them (Polyak 1992; Izmailov 2018)."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from zoo.classifier import Classifier


class WeightAverage:
    """A classifier whose weights and statistics follow another's."""

    def __init__(self, classifier: Classifier, decay: float) -> None:
        self.classifier = deepcopy(classifier).eval().requires_grad_(False)
        self.decay = decay
        self._mine = _state(self.classifier.network)
        self._theirs = _state(classifier.network)

    @torch.no_grad()
    def follow(self, step: int) -> None:
        """Move towards what the weights are after so many steps. Early on, when there is little to average, faster."""
        decay = min(self.decay, (1 + step) / (10 + step))
        floating: list[tuple[Tensor, Tensor]] = []
        whole: list[tuple[Tensor, Tensor]] = []
        for mine, theirs in zip(self._mine, self._theirs, strict=True):
            (floating if mine.is_floating_point() else whole).append((mine, theirs))
        if floating:
            mine_all, theirs_all = zip(*floating, strict=True)
            get_ema_multi_avg_fn(decay)(mine_all, theirs_all, None)  # type: ignore[no-untyped-call]
        for mine, theirs in whole:
            mine.copy_(theirs)


def _state(network: nn.Module) -> list[Tensor]:
    return [tensor.detach() for tensor in network.state_dict(keep_vars=True).values()]
