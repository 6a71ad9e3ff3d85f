"""A training step on tensors that are on the device already: its rate, the limit of its operations, and its kernels.

The limit of an operation is the larger of two times: its multiplications over the rate of one large
matrix product, and the bytes of its arguments and results, each once, over the rate of one large copy. Both rates are
measured on the same device. The limit of a step is the sum over its operations, as they are written: operations that a
compiler would merge count separately.
"""

from __future__ import annotations

import re
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from zoo.classifier import create_model
from zoo.device import Compute

KINDS = (
    ("batch norm", r"bn_|batch_?norm"),
    ("attention", r"flash|fmha|attention"),
    ("layer norm", r"layer_?norm|GammaBeta"),
    ("optimizer", r"multi_tensor|adam"),
    ("pooling", r"pool"),
    ("change of layout", r"nchwToNhwc|nhwcToNchw|transpose"),
    ("depthwise convolutions", r"depthwise|conv2d_c1_k1|conv_depthwise"),
    ("convolutions and matrix products", r"conv|xmma|cutlass|gemm|nvjet|wgrad|dgrad|cudnn|sm90|sm80"),
    ("copies", r"memcpy|memset|copy|Cat"),
    ("reductions", r"reduce|softmax"),
    ("element by element", r"elementwise|triton_poi|index|foreach"),
    ("merged by the compiler", r"triton"),
)
"""Kinds of kernels, with the pattern of their names; the first that matches counts."""


class Step:
    """Forward pass, a loss, backward pass and optimizer step, always on the same images.

    Args:
        model: The name of an entry of the registry.
        batch: Images in a step.
        compute: How to compute.
        size: Height and width; the entry's own if None.
        capturable: Whether the optimizer can be part of a CUDA graph.
    """

    def __init__(
        self, model: str, batch: int, compute: Compute, *, size: int | None = None, capturable: bool = False
    ) -> None:
        torch.manual_seed(0)
        classifier = create_model(model)
        own = classifier.config.preprocessing
        self.compute, self.batch = compute, batch
        self.size = (size or own.height, size or own.width)
        self.network = compute.place(classifier.network).train()
        self.forward: Callable[[Tensor], Tensor] = self.network
        self.images = compute.arrange(torch.rand(batch, 3, *self.size, device=compute.device))
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=1e-4, fused=True, capturable=capturable and compute.device.type == "cuda"
        )

    def __call__(self) -> None:
        with self.compute.autocast():
            logits = self.forward(self.images)
        self.optimizer.zero_grad(set_to_none=True)
        # any loss will do: the entries have heads of one output and of several
        logits.float().logsumexp(dim=1).mean().backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()


def wait(compute: Compute) -> None:
    """Wait until the device has done all that it was asked to do."""
    if compute.device.type == "cuda":
        torch.cuda.synchronize()


def seconds_a_step(step: Callable[[], object], compute: Compute, *, steps: int = 10, rounds: int = 3) -> float:
    """Return the median over some rounds of the mean time of some steps."""
    for _ in range(3):
        step()
    times = []
    for _ in range(rounds):
        wait(compute)
        began = time.perf_counter()
        for _ in range(steps):
            step()
        wait(compute)
        times.append((time.perf_counter() - began) / steps)
    return statistics.median(times)


class OperationLimits(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up the limits of all operations that run inside it.

    Args:
        peak: Operations a second of one large matrix product.
        bandwidth: Bytes a second of one large copy.
    """

    def __init__(self, peak: float, bandwidth: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.peak, self.bandwidth = peak, bandwidth
        self.seconds, self.flops, self.bytes = 0.0, 0.0, 0.0
        self.by_operation: dict[str, float] = defaultdict(float)

    def __torch_dispatch__(
        self, func: Any, types: object, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        if func.is_view or name.startswith(("empty", "new_empty", "detach", "lift", "record_stream")):
            return out
        packet = func.overloadpacket
        flops = float(flop_registry[packet](*args, **(kwargs or {}), out_val=out)) if packet in flop_registry else 0.0
        size = _bytes((args, kwargs)) + _bytes(_written(func, args, out))
        seconds = max(flops / self.peak, size / self.bandwidth)
        self.seconds += seconds
        self.flops += flops
        self.bytes += size
        self.by_operation[name] += seconds
        return out


def _written(func: Any, args: tuple[Any, ...], out: object) -> object:
    """Return what an operation writes: its results, or the arguments that it changes if it has none."""
    if out is not None and tree_leaves(out):
        return out
    arguments = func._schema.arguments
    return [value for declared, value in zip(arguments, args, strict=False) if declared.alias_info is not None]


def _bytes(tensors: object) -> int:
    """Return how many bytes tensors have, an expanded one no more than its memory."""
    found = [leaf for leaf in tree_leaves(tensors) if isinstance(leaf, Tensor)]
    return sum(min(leaf.numel() * leaf.element_size(), leaf.untyped_storage().nbytes()) for leaf in found)


def kernels(step: Callable[[], object], compute: Compute, *, steps: int = 3) -> dict[str, Any]:
    """Return the milliseconds of a step by kind of kernel, the longest kernels, and how many are launched."""
    cuda = compute.device.type == "cuda"
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if cuda else [])]) as found:
        for _ in range(steps):
            step()
        wait(compute)
    kinds: dict[str, float] = defaultdict(float)
    names: dict[str, float] = defaultdict(float)
    launched = 0
    for event in found.key_averages():
        if cuda and event.device_type.name != "CUDA":
            continue
        took = (event.self_device_time_total if cuda else event.self_cpu_time_total) / 1000 / steps
        names[event.key] += took
        kinds[_kind(event.key)] += took
        launched += event.count
    longest = sorted(names.items(), key=lambda item: -item[1])[:25]
    return {
        "milliseconds": dict(sorted(kinds.items(), key=lambda item: -item[1])),
        "longest": [[name[:160], took] for name, took in longest],
        "kernels": launched / steps,
    }


def _kind(name: str) -> str:
    return next((kind for kind, pattern in KINDS if re.search(pattern, name, re.IGNORECASE)), "others")


def captured(step: Step) -> Callable[[], None]:
    """Return a function that replays a step as one CUDA graph; its optimizer must be capturable."""
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    step.optimizer.zero_grad(set_to_none=True)
    with torch.cuda.graph(graph):
        step()
    return graph.replay
