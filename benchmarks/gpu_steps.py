"""Parts of gpu.py: training steps on tensors that are on the device already."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import torch
from gpu_kernels import OperationLimits, Step, captured, kernels, seconds_a_step, wait
from gpu_machine import Machine
from torch import nn


def step(machine: Machine) -> dict[str, Any]:
    """Measure the first network's step on tensors on the device, against the limit of its operations."""
    return measure_step(machine, machine.scale.first, with_kernels=True)


def others(machine: Machine) -> dict[str, Any]:
    """Measure the steps of other networks."""
    return {name: measure_step(machine, name) for name in machine.scale.others}


def measure_step(machine: Machine, name: str, *, with_kernels: bool = False) -> dict[str, Any]:
    """Return the rate of a network's training step, its limit, and what its time is spent on."""
    made = Step(name, machine.scale.batch, machine.compute, size=machine.scale.size)
    if machine.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    took = seconds_a_step(made, machine.compute, steps=machine.scale.steps)
    with OperationLimits(machine.peak, machine.bandwidth) as limit:
        made()
    found = {
        "size": made.size,
        "batch": made.batch,
        "images_per_second": made.batch / took,
        "milliseconds": took * 1000,
        "limit_milliseconds": limit.seconds * 1000,
        "share_of_limit": limit.seconds / took,
        "share_of_matrix_rate": limit.flops / took / machine.peak,
        "share_of_bandwidth": limit.bytes / took / machine.bandwidth,
        "limit_by_operation": dict(sorted(limit.by_operation.items(), key=lambda item: -item[1])[:12]),
        "peak_memory_gb": torch.cuda.max_memory_allocated() / 1e9 if machine.device == "cuda" else None,
    }
    return {**found, "kernels": kernels(made, machine.compute)} if with_kernels else found


def batches(machine: Machine) -> dict[str, Any]:
    """Measure the first network with other batch sizes."""
    found = {}
    for batch in (machine.scale.batch // 4, machine.scale.batch * 2):
        made = Step(machine.scale.first, batch, machine.compute, size=machine.scale.size)
        found[str(batch)] = batch / seconds_a_step(made, machine.compute, steps=machine.scale.steps)
    return found


def graphs(machine: Machine) -> dict[str, Any]:
    """Measure steps replayed as one CUDA graph, beside the same step launched kernel by kernel."""
    if machine.device != "cuda":
        return {"left out": "there is no CUDA"}
    found = {}
    for name, batch in machine.scale.captured:
        made = Step(name, batch, machine.compute, size=machine.scale.size, capturable=True)
        eager = seconds_a_step(made, machine.compute, steps=machine.scale.steps)
        began = time.perf_counter()
        replay = captured(made)  # its optimizer included; `zoo train` leaves that out
        capturing = time.perf_counter() - began
        took = seconds_a_step(replay, machine.compute, steps=machine.scale.steps)
        found[f"{name}, batches of {batch}"] = {
            "images_per_second": batch / took,
            "launched_one_by_one": batch / eager,
            "seconds_to_capture": capturing,
        }
    return found


def compiled(machine: Machine) -> dict[str, Any]:
    """Measure torch.compile: what it takes and what it saves, of the whole network and of its blocks alone."""
    found = {}
    torch._dynamo.config.recompile_limit = 64  # each shape of a block is compiled again
    for name in machine.scale.compiled:
        for what in ("its blocks", "the whole network"):
            made = Step(name, machine.scale.batch, machine.compute, size=machine.scale.size, capturable=True)
            plain = seconds_a_step(made, machine.compute, steps=machine.scale.steps)
            modules = repeated_blocks(made.network) if what == "its blocks" else [made.network]
            for module in modules:
                module.compile(backend=machine.scale.compiler, dynamic=False)
            began = time.perf_counter()
            made()
            wait(machine.compute)
            compiling = time.perf_counter() - began
            took = seconds_a_step(made, machine.compute, steps=machine.scale.steps)
            row = {
                "modules": len(modules),
                "images_per_second": made.batch / took,
                "not_compiled": made.batch / plain,
                "seconds_to_compile": compiling,
                "saved": 1 - took / plain,
            }
            if machine.device == "cuda":
                replay = captured(made)
                row["compiled_and_replayed"] = made.batch / seconds_a_step(replay, machine.compute)
            found[f"{name}, {what}"] = row
            print(name, what, row, flush=True)  # the compiler may take longer than there is
            torch.compiler.reset()
    return found


def repeated_blocks(network: nn.Module) -> list[nn.Module]:
    """Return the outermost modules of each kind that a network has three times or more, such as residual blocks."""
    kinds = Counter(type(module) for module in network.modules())

    def find(module: nn.Module) -> Iterator[nn.Module]:
        for child in module.children():
            own = not isinstance(child, nn.Sequential) and any(True for _ in child.children())
            yield from [child] if own and kinds[type(child)] >= 3 else find(child)

    return list(find(network))
