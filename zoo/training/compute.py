"""How a training computes: device, precision, compilation, images in GPU memory, batch norm over processes.

What the configuration leaves at auto is chosen here, with a reason that is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from zoo.config.train_config import ComputeConfig
from zoo.cores import cores_used_by_others, threads_beside_others
from zoo.device import Compute, choose_compute, choose_device
from zoo.distributed.world import World, local_device
from zoo.errors import UsageError
from zoo.spec import Choice
from zoo.text import counted, storage_size
from zoo.training.plan import Plan

MEMORY_SHARE = 0.5
"""The share of a GPU's free memory that decoded images may take."""
FEW_IMAGES = 32
"""With fewer images per process in a step, batch norm statistics are computed over all processes."""


@dataclass(frozen=True, kw_only=True)
class ComputePlan:
    """How one training computes."""

    compute: Compute
    compiled: Choice
    """Whether torch.compile is used; auto: the first steps decide."""
    cuda_graph: Choice = "no"
    """Whether steps are replayed as a CUDA graph; auto: they are if the network allows it."""
    resident: bool
    """Whether all decoded images are kept on the device."""
    synchronized: bool
    """Whether batch norm statistics are computed over all processes."""
    description: str
    """All of this in one line, with reasons."""


def choose_training_compute(
    config: ComputeConfig, *, asked: ComputeConfig | None = None, threads: int | None = None
) -> Compute:
    """Return the device, precision and memory layout to train with; of several GPUs, this process's own.

    Args:
        config: What to compute with; for a run that is resumed, what was chosen when it started.
        asked: What the user asked for when that run started, which has the reasons for what was chosen.
        threads: With how many threads that run started.
    """
    device = str(local_device(choose_device(config.device)))
    chosen = choose_compute(device, config.precision, config.layout, deterministic=config.deterministic)
    if asked is None:
        return chosen
    if threads is not None:
        why = "" if threads == torch.get_num_threads() else "as when the run started"
        chosen = replace(chosen, threads=threads, why_threads=why)
    again = choose_compute(device, asked.precision, asked.layout, deterministic=config.deterministic)
    if (again.bfloat16, again.channels_last) == (chosen.bfloat16, chosen.channels_last):
        return replace(chosen, why=again.why)
    return replace(chosen, why=chosen.why.replace("as requested", "as when the run started"))


def plan_compute(plan: Plan, compute: Compute, *, images: int, world: World) -> ComputePlan:
    """Return how to compute a training, where the configuration leaves it open by the data and the hardware.

    Args:
        plan: The model, the recipe and the configuration.
        compute: The device, precision and memory layout.
        images: The number of images in all parts.
        world: The processes that train together.
    """
    config, recipe, size = plan.config.compute, plan.recipe, plan.blueprint.preprocessing
    if compute.device.type == "cpu" and compute.threads is None and world.size == 1 and not config.deterministic:
        compute = _beside_others(compute)
    bytes_in_memory = images * size.height * size.width * 3
    resident, images_from = _choose_resident(config.resident, compute.device, bytes_in_memory, plan.config.data.store)
    compiled, compilation = _choose_compiled(config, compute, world)
    cuda_graph, replayed = _choose_cuda_graph(config, compute, compiled, world)
    facts = [compute.why, *_threads(compute), f"fused {recipe.optimizer}", images_from, compilation, *replayed]
    synchronized = False
    if world.size > 1:
        images_each = recipe.batch_size / world.size
        synchronized = images_each < FEW_IMAGES if config.sync_norm == "auto" else config.sync_norm == "yes"
        over = "all processes" if synchronized else "each process"
        least, rest = divmod(recipe.batch_size, world.size)
        count = f"{least} or {least + 1}" if rest else f"{least}"
        reason = f"{count} images a process" if config.sync_norm == "auto" else "as requested"
        facts.append(f"{world.size} processes, batch norm over {over} ({reason})")
    return ComputePlan(
        compute=compute,
        compiled=compiled,
        cuda_graph=cuda_graph,
        resident=resident,
        synchronized=synchronized,
        description=", ".join(facts),
    )


def _threads(compute: Compute) -> list[str]:
    """Return how many threads compute, as text; empty for a GPU."""
    if compute.device.type != "cpu":
        return []
    why = f" ({compute.why_threads})" if compute.why_threads else ""
    return [counted(compute.threads or torch.get_num_threads(), "thread") + why]


def _beside_others(compute: Compute) -> Compute:
    """Return how to compute on a CPU beside what other programs do now: with fewer threads if they use many cores."""
    used, threads = cores_used_by_others(), torch.get_num_threads()
    if used is None or (fewer := threads_beside_others(threads, used)) == threads:
        return compute
    return replace(compute, threads=fewer, why_threads=f"other programs use {used:.1f} of the cores")


def _choose_resident(choice: Choice, device: torch.device, size: int, stored: bool) -> tuple[bool, str]:
    """Return whether to keep all decoded images, of `size` bytes, on the device, and where images are read from."""
    files = f"images read from {'the store' if stored else 'their files'}"
    if choice != "auto":
        return choice == "yes", f"{'images in memory' if choice == 'yes' else files} (as requested)"
    if device.type != "cuda" or not stored:
        return False, files
    free = torch.cuda.mem_get_info(device)[0]
    fits = size < MEMORY_SHARE * free
    return fits, f"{'images on the GPU' if fits else files} ({storage_size(size)} of {storage_size(free)} free)"


def _choose_compiled(config: ComputeConfig, compute: Compute, world: World) -> tuple[Choice, str]:
    """Return whether to use torch.compile, and the reason; auto if the first steps are to be timed for that."""
    if config.compile != "auto":
        return config.compile, f"{'' if config.compile == 'yes' else 'not '}compiled (as requested)"
    if compute.device.type != "cuda":
        return "no", "not compiled (on a CPU that takes longer than it saves)"
    if config.cuda_graph == "yes":
        return "no", "not compiled (a CUDA graph is requested)"
    if compute.deterministic or world.size > 1:
        return "no", "not compiled (so that every run computes the same)"
    return "auto", "compiled if the first steps show that it saves time"


def _choose_cuda_graph(
    config: ComputeConfig, compute: Compute, compiled: Choice, world: World
) -> tuple[Choice, list[str]]:
    """Return whether to replay steps as a CUDA graph, and a line on it; none on other devices."""
    if compute.device.type != "cuda":
        if config.cuda_graph == "yes":
            raise UsageError("--cuda-graph yes needs an NVIDIA GPU", hint="leave it out")
        return "no", []
    if world.exchanges:
        if config.cuda_graph == "yes":
            raise UsageError("--cuda-graph yes is for a single process", hint="leave it out")
        return "no", []
    if config.cuda_graph == "yes" and compiled == "yes":
        raise UsageError("--cuda-graph yes and --compile yes cannot be combined", hint="give one of them")
    if config.cuda_graph != "auto":
        return config.cuda_graph, [f"{'' if config.cuda_graph == 'yes' else 'no '}CUDA graph (as requested)"]
    if compute.deterministic or compiled == "yes":
        return "no", []
    return "auto", ["steps replayed as a CUDA graph"]
