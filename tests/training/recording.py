"""One training, written down step by step: a job for a crew, and for one process alone."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
from torch import Tensor

from zoo.distributed.world import World
from zoo.errors import Interrupted
from zoo.plugins import plugins
from zoo.registry import registry

STEPS = 5
"""Steps whose gradients are kept."""


@dataclass(kw_only=True)
class Recorded:
    """What one process did."""

    said: list[str] = field(default_factory=list)
    first: dict[str, Tensor] = field(default_factory=dict)
    """Gradients of the first step."""
    weights: dict[str, Tensor] = field(default_factory=dict)
    """After `STEPS` steps."""
    taken: list[list[int]] = field(default_factory=list)
    """Every batch of images read, or this process's part of it, in training and out of it."""
    wrote: list[str] = field(default_factory=list)
    """Files made in the working directory."""
    interrupted: bool = False


def look_anew() -> None:
    """Forget which packages were installed."""
    plugins.cache_clear()
    registry.cache_clear()


def record(world: World, site: str, stop_after: int, words: dict[str, Any]) -> Recorded:
    """Train, or go on with a run. `stop_after`: steps after which this process is sent SIGTERM; 0 for none."""
    from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

    from tests.listening import Listener
    from zoo import train
    from zoo.data.device_images import DeviceImages
    from zoo.training import resume
    from zoo.training.loop import TrainingLoop

    if site not in sys.path:
        sys.path.insert(0, site)
        look_anew()
    place = mkdtemp(prefix=f"process-{world.rank}-of-{world.size}-", dir=".")
    words = {key: Path(value).resolve() if key in ("out", "run") else value for key, value in words.items()}
    os.chdir(place)
    found, progress, steps = Recorded(), Listener(), 0
    fits: list[TrainingLoop] = []
    take, made = DeviceImages.take, TrainingLoop.__init__

    def noted(images: DeviceImages, indices: Any) -> Tensor:
        found.taken.append([int(index) for index in np.asarray(indices)])
        return take(images, indices)

    def remembered(fit: TrainingLoop, *args: Any, **given: Any) -> None:
        made(fit, *args, **given)
        fits.append(fit)

    def before(*_: Any) -> None:
        if steps == 0:
            found.first = {name: value.grad.clone() for name, value in _parameters(fits) if value.grad is not None}

    def after(*_: Any) -> None:
        nonlocal steps
        steps += 1
        if steps == STEPS:
            found.weights = {name: value.detach().clone() for name, value in _parameters(fits)}
        if steps == stop_after and world.rank == world.size - 1:
            os.kill(os.getpid(), signal.SIGTERM)

    hooks = [register_optimizer_step_pre_hook(before), register_optimizer_step_post_hook(after)]
    try:
        DeviceImages.take, TrainingLoop.__init__ = noted, remembered  # type: ignore[method-assign]
        if "run" in words:
            resume(words["run"], progress=progress)
        else:
            train(progress=progress, **words)
    except Interrupted:
        found.interrupted = True
    finally:
        DeviceImages.take, TrainingLoop.__init__ = take, made  # type: ignore[method-assign]
        for hook in hooks:
            hook.remove()
    found.said, found.wrote = progress.heard, sorted(str(path) for path in Path().rglob("*"))
    return found


def _parameters(fits: list[Any]) -> list[tuple[str, Tensor]]:
    return list(fits[-1].state.classifier.network.named_parameters())
