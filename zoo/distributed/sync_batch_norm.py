"""Synchronized batch norm: over the whole batch when several processes hold parts of it.

torch's own works on GPUs only. This one works on any device on which processes can sum tensors, and with parts of
unequal size.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from zoo.errors import TrainingError


class _Sum(torch.autograd.Function):
    """The sum over all processes, with the gradient of every process flowing to the inputs of all."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor) -> Tensor:  # noqa: ARG004
        total = tensor.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # noqa: ARG004
        total = grad.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total


class SyncedBatchNorm(_BatchNorm):
    """Batch norm with mean and variance over all processes in training, and an ordinary one in evaluation."""

    def _check_input_dim(self, input: Tensor) -> None:  # noqa: A002
        if input.dim() < 2:
            raise ValueError(f"expected at least 2 dimensions, not {input.dim()}")

    def forward(self, x: Tensor) -> Tensor:
        self._check_input_dim(x)
        if not self.training:
            use_batch = self.running_mean is None
            return F.batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, use_batch, 0.0, self.eps
            )
        dims = [0, *range(2, x.dim())]
        shape = (1, -1) + (1,) * (x.dim() - 2)
        values = x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
        # the mean first, then the squared deviations: the mean of squares would lose precision
        sums = _Sum.apply(torch.cat([values.sum(dim=dims), values.new_tensor([values.numel() / x.shape[1]])]))
        count = sums[-1].detach()
        if count < 2:
            raise ValueError("batch norm needs more than one value per channel in training")
        mean = sums[:-1] / count
        deviations = values - mean.view(shape)
        variance = _Sum.apply(deviations.square().sum(dim=dims)) / count
        with torch.no_grad():
            self._update_running(mean, variance * (count / (count - 1)))
        scaled = deviations * torch.rsqrt(variance + self.eps).view(shape)
        if self.affine:
            scaled = scaled * self.weight.view(shape) + self.bias.view(shape)
        result: Tensor = scaled.to(x.dtype)
        return result

    def _update_running(self, mean: Tensor, variance: Tensor) -> None:
        """Update the running mean and variance."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.add_(1)
        share = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_var.lerp_(variance.to(self.running_var.dtype), share)


def synchronize_batch_norm(network: nn.Module, device: torch.device) -> None:
    """Replace every batch norm in a network by a synchronized one. Names, weights and statistics do not change."""
    kind = nn.SyncBatchNorm if device.type == "cuda" else SyncedBatchNorm
    for name, child in list(network.named_children()):
        if isinstance(child, _BatchNorm):
            if not isinstance(child, (nn.SyncBatchNorm, SyncedBatchNorm)):
                setattr(network, name, _as_synced(child, kind))
        else:
            synchronize_batch_norm(child, device)


def _as_synced(norm: _BatchNorm, kind: type[_BatchNorm]) -> _BatchNorm:
    """Return a batch norm of another class with the same tensors."""
    synced = kind(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats)
    synced._parameters, synced._buffers, synced.training = norm._parameters, norm._buffers, norm.training
    if type(norm).forward is not _BatchNorm.forward:
        _keep_activation(norm, synced)
    return synced


def _keep_activation(norm: _BatchNorm, synced: _BatchNorm) -> None:
    """Keep the activation in timm's batch norm."""
    from timm.layers import BatchNormAct2d

    if type(norm) is not BatchNormAct2d:
        raise TrainingError(
            f"{type(norm).__name__} does more than torch's batch norm, so it cannot be synchronized",
            hint="use --sync-norm no: each process then uses the statistics of its part of the batch",
        )
    synced._modules = norm._modules
    synced.register_forward_hook(_activate)


def _activate(module: Any, args: Any, output: Tensor) -> Tensor:  # noqa: ARG001
    """Apply the dropout and activation of timm's batch norm, as a forward hook."""
    result: Tensor = module.act(module.drop(output))
    return result
