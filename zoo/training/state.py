"""The state of a training: everything that changes from step to step, and is saved in a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from zoo.classifier import Classifier
from zoo.config.plain import plain
from zoo.runs.history import Epoch
from zoo.training.checkpoint import Snapshot
from zoo.training.ema import WeightAverage

Weights = Mapping[str, Tensor]


@dataclass(kw_only=True)
class State:
    """The state of a training."""

    classifier: Classifier
    optimizer: torch.optim.Optimizer
    average: WeightAverage | None
    """The moving average of the weights, if the recipe has one."""
    keeps_last: bool
    """Whether the last epoch's weights are kept, whatever its validation loss."""
    step: int = 0
    """The number of steps taken."""
    loss_sum: float = 0.0
    """The sum of the losses of the current epoch's steps."""
    seconds: float = 0.0
    """The duration of the training so far."""
    epoch_seconds: float = 0.0
    """The duration of the current epoch so far."""
    rows: list[Epoch] = field(default_factory=list)
    """The epochs that have ended."""
    best_epoch: int = 0
    """The number of the best epoch; 0 before there is one."""
    best_value: float | None = None
    """The score of the best epoch."""
    best_weights: Weights = field(default_factory=dict)
    """A copy of the best epoch's weights; empty if the last ones are kept."""

    @property
    def evaluated(self) -> Classifier:
        """The classifier that is validated and kept: the average of the weights, if there is one."""
        return self.average.classifier if self.average else self.classifier

    def weights(self) -> dict[str, Tensor]:
        """Return a copy of the weights that are validated and kept, in main memory."""
        return _copy_to_cpu(self.evaluated.network.state_dict())

    def nonfinite_parameters(self) -> list[str]:
        """Return the names of parameters with NaN or infinity, which the loss does not show if it does not use them."""
        named = self.evaluated.network.named_parameters()
        return [name for name, parameter in named if not torch.isfinite(parameter).all()]

    def snapshot(self) -> Snapshot:
        """Return a copy of the state, for a checkpoint."""
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
                "loss": self.loss_sum,
                "seconds": self.seconds,
                "epoch_seconds": self.epoch_seconds,
                "rows": [plain(row) for row in self.rows],
                "best_value": self.best_value,
            },
            tensors=_copy_to_cpu(tensors),
            best_weights=self.best_weights,
            best_epoch=self.best_epoch,
        )

    def restore(self, saved: Snapshot) -> None:
        """Restore the state from a checkpoint. Tensors are copied into existing ones, and keep their memory layout."""
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "optimizer": {}}
        for name, tensor in saved.tensors.items():
            part, _, rest = name.partition("/")
            parts[part][rest] = tensor
        self.classifier.network.load_state_dict(parts["network"])
        if self.average:
            self.average.classifier.network.load_state_dict(parts["average"])
        parameters = dict(self.classifier.network.named_parameters())
        for name, tensor in parts["optimizer"].items():
            key, _, parameter = name.partition("/")
            self.optimizer.state[parameters[parameter]][key] = _place_like(tensor, parameters[parameter])
        facts: Mapping[str, Any] = saved.facts
        self.step, self.best_epoch, self.best_weights = saved.step, saved.best_epoch, saved.best_weights
        self.loss_sum, self.seconds, self.epoch_seconds = facts["loss"], facts["seconds"], facts["epoch_seconds"]
        self.best_value = facts["best_value"]
        self.rows = [Epoch(**row) for row in facts["rows"]]


def _place_like(tensor: Tensor, parameter: nn.Parameter) -> Tensor:
    """Return a tensor of the optimizer on the device and in the memory layout of its parameter."""
    if tensor.shape == parameter.shape:
        return torch.empty_like(parameter, dtype=tensor.dtype, requires_grad=False).copy_(tensor)
    return tensor.to(parameter.device)


def _copy_to_cpu(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return copies of tensors in main memory."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in tensors.items()}
