"""All that changes from step to step: what a checkpoint must hold, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from zoo.classifier import Classifier
from zoo.config.plain import plain
from zoo.training.checkpoint import Snapshot
from zoo.training.ema import WeightAverage
from zoo.training.history import Epoch

Weights = Mapping[str, Tensor]


@dataclass(kw_only=True)
class State:
    """A training in progress."""

    classifier: Classifier
    optimizer: torch.optim.Optimizer
    average: WeightAverage | None
    keeps_last: bool
    """Whether the last epoch's weights are the result, whatever its numbers."""
    step: int = 0
    """Steps done."""
    loss: float = 0.0
    """The sum of the losses of this epoch's steps."""
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    """Of this epoch's steps."""
    rows: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    best_value: float | None = None
    best: Weights = field(default_factory=dict)
    """A copy of the best epoch's weights; empty where the last are the ones to keep."""

    @property
    def evaluated(self) -> Classifier:
        """What is validated and kept: the average, where there is one."""
        return self.average.classifier if self.average else self.classifier

    def weights(self) -> dict[str, Tensor]:
        """A copy of what is evaluated, in main memory."""
        return _copied(self.evaluated.network.state_dict())

    def not_numbers(self) -> list[str]:
        """The parameters that hold NaN or infinity. A loss does not show those that play no part in it."""
        named = self.evaluated.network.named_parameters()
        return [name for name, parameter in named if not torch.isfinite(parameter).all()]

    def snapshot(self) -> Snapshot:
        """A copy of everything."""
        tensors = {f"network/{name}": tensor for name, tensor in self.classifier.network.state_dict().items()}
        if self.average:
            averaged = self.average.classifier.network.state_dict()
            tensors |= {f"average/{name}": tensor for name, tensor in averaged.items()}
        for name, parameter in self.classifier.network.named_parameters():
            for key, value in self.optimizer.state.get(parameter, {}).items():
                if isinstance(value, Tensor):
                    tensors[f"optimizer/{key}/{name}"] = value
        return Snapshot(
            step=self.step,
            facts={
                "loss": self.loss,
                "seconds": self.seconds,
                "epoch_seconds": self.epoch_seconds,
                "rows": [plain(row) for row in self.rows],
                "best_value": self.best_value,
            },
            tensors=_copied(tensors),
            best=self.best,
            best_epoch=self.best_epoch,
        )

    def restore(self, saved: Snapshot) -> None:
        """Go on from there. Tensors are copied into place, so that they lie in memory as they did."""
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "optimizer": {}}
        for name, tensor in saved.tensors.items():
            part, _, rest = name.partition("/")
            parts[part][rest] = tensor
        self.classifier.network.load_state_dict(parts["network"])
        if self.average:
            self.average.classifier.network.load_state_dict(parts["average"])
        parameters = dict(self.classifier.network.named_parameters())
        for name, tensor in parts["optimizer"].items():
            key, _, owner = name.partition("/")
            self.optimizer.state[parameters[owner]][key] = _placed(tensor, parameters[owner])
        facts: Mapping[str, Any] = saved.facts
        self.step, self.best_epoch, self.best = saved.step, saved.best_epoch, saved.best
        self.loss, self.seconds, self.epoch_seconds = facts["loss"], facts["seconds"], facts["epoch_seconds"]
        self.best_value = facts["best_value"]
        self.rows = [Epoch(**row) for row in facts["rows"]]


def _placed(tensor: Tensor, parameter: nn.Parameter) -> Tensor:
    """What the optimiser keeps for a parameter lies where the parameter does, and in its layout."""
    if tensor.shape == parameter.shape:
        return torch.empty_like(parameter, dtype=tensor.dtype, requires_grad=False).copy_(tensor)
    return tensor.to(parameter.device)


def _copied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in tensors.items()}
