"""How a training computes: device, precision, compilation, images in GPU memory, batch norm over processes.

What the user leaves at auto is chosen here, with a reason that is printed.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from zoo.config.train_config import ComputeConfig
from zoo.device import Compute, choose_compute, choose_device
from zoo.distributed.world import World, local_device
from zoo.spec import Choice
from zoo.training.plan import Plan

FREE = 0.5
"""The share of a GPU's free memory that decoded images may take."""
COMPILING, SAVED = 120.0, 0.2
"""Taken for granted on a GPU: compiling costs so many seconds, and saves this share of a step."""
SMALL = 32
"""Images of one process in a step, below which batch norm takes its statistics over all processes."""


@dataclass(frozen=True, kw_only=True)
class ComputePlan:
    """How one training computes."""

    compute: Compute
    compiled: Choice
    resident: bool
    synchronised: bool
    why: str
    """All of that in one line, with reasons."""


def choose_training_compute(config: ComputeConfig) -> Compute:
    """Return the device, precision and memory layout to train with; of several GPUs, this process's own."""
    device = local_device(choose_device(config.device))
    return choose_compute(str(device), config.precision, config.layout, deterministic=config.deterministic)


def plan_compute(plan: Plan, compute: Compute, *, images: int, world: World) -> ComputePlan:
    """Settle what the configuration leaves open, by the data, the recipe and the hardware."""
    config, recipe, size = plan.config.compute, plan.recipe, plan.blueprint.preprocessing
    bytes_in_memory = images * size.height * size.width * 3
    resident, where = _resident(config.resident, compute.device, bytes_in_memory, plan.config.data.store)
    compiled, whether = _compiled(config, compute, world)
    facts = [compute.why, f"fused {recipe.optimizer}", where, whether]
    synchronised = False
    if world.size > 1:
        each = recipe.batch_size / world.size
        synchronised = each < SMALL if config.sync_norm == "auto" else config.sync_norm == "yes"
        over = "all processes" if synchronised else "each process"
        reason = f"{each:g} images a process" if config.sync_norm == "auto" else "as asked"
        facts.append(f"{world.size} processes, batch norm over {over} ({reason})")
    return ComputePlan(
        compute=compute, compiled=compiled, resident=resident, synchronised=synchronised, why=", ".join(facts)
    )


def compiling_pays(seconds_left: float) -> bool:
    """Whether compiling saves more time than it takes."""
    return seconds_left * SAVED > COMPILING


def _resident(choice: Choice, device: torch.device, size: int, stored: bool) -> tuple[bool, str]:
    """Whether all decoded images are kept on the device, and the reason in words."""
    read = f"images read from {'the store' if stored else 'their files'}"
    if choice != "auto":
        return choice == "yes", f"{'images in memory' if choice == 'yes' else read} (as asked)"
    if device.type != "cuda" or not stored:
        return False, read
    free = torch.cuda.mem_get_info(device)[0]
    fits = size < FREE * free
    return fits, f"{'images on the GPU' if fits else read} ({size / 1e9:.1f} GB of {free / 1e9:.0f} free)"


def _compiled(config: ComputeConfig, compute: Compute, world: World) -> tuple[Choice, str]:
    """Whether torch.compile is used; `auto` is settled when the first steps have been timed."""
    if config.compile != "auto":
        return config.compile, f"{'' if config.compile == 'yes' else 'not '}compiled (as asked)"
    if compute.device.type != "cuda":
        return "no", "not compiled (on a CPU that takes longer than it saves)"
    if compute.deterministic or world.size > 1:
        return "no", "not compiled (so that every run does the same)"
    return "auto", f"compiled if {COMPILING / SAVED:.0f} s or more are left after the first steps"
