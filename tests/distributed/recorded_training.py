"""A training whose gradients, weights and images are recorded, in one process or in each of several."""

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
"""The number of steps after which the weights are recorded."""


@dataclass(kw_only=True)
class RecordedTraining:
    """What was recorded in one process."""

    messages: list[str] = field(default_factory=list)
    first_gradients: dict[str, Tensor] = field(default_factory=dict)
    """The gradients of the first step, by parameter."""
    weights: dict[str, Tensor] = field(default_factory=dict)
    """The weights after `STEPS` steps, by parameter."""
    batches: list[list[int]] = field(default_factory=list)
    """The images of every batch, or of this process's part of it, in training and evaluation."""
    files: list[str] = field(default_factory=list)
    """The files written to the working directory."""
    interrupted: bool = False


def clear_plugin_cache() -> None:
    """Make the registry look for installed plugins again."""
    plugins.cache_clear()
    registry.cache_clear()


def record_training(world: World, site: str, stop_after: int, settings: dict[str, Any]) -> RecordedTraining:
    """Train, or resume, and return what was recorded.

    Args:
        world: The processes that train together.
        site: A folder of installed packages.
        stop_after: The last process receives SIGTERM after this many steps; 0 for never.
        settings: Keywords of `train`, or `run` with the folder of a run to resume.
    """
    from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

    from tests.empty_charts import empty_charts
    from tests.listening import Listener
    from zoo import train
    from zoo.baseline import baseline
    from zoo.data.device_images import DeviceImages
    from zoo.training import resume
    from zoo.training.loop import TrainingLoop

    if site not in sys.path:
        sys.path.insert(0, site)
        clear_plugin_cache()
    folder = mkdtemp(prefix=f"process-{world.rank}-of-{world.size}-", dir=".")
    settings = {key: Path(value).resolve() if key in ("out", "run") else value for key, value in settings.items()}
    os.chdir(folder)
    found, progress, steps = RecordedTraining(), Listener(), 0
    loops: list[TrainingLoop] = []
    take, init, statistics = DeviceImages.take, TrainingLoop.__init__, baseline._statistics
    describing: list[bool] = []

    def recorded_take(images: DeviceImages, indices: Any) -> Tensor:
        if not describing:
            found.batches.append([int(index) for index in np.asarray(indices)])
        return take(images, indices)

    def unrecorded_statistics(*args: Any) -> Any:
        """The chief alone describes images for the simple baseline."""
        describing.append(True)
        try:
            return statistics(*args)
        finally:
            describing.pop()

    def recorded_init(loop: TrainingLoop, *args: Any, **given: Any) -> None:
        init(loop, *args, **given)
        loops.append(loop)

    def before_step(*_: Any) -> None:
        if steps == 0:
            found.first_gradients = {
                name: value.grad.clone() for name, value in _parameters(loops) if value.grad is not None
            }

    def after_step(*_: Any) -> None:
        nonlocal steps
        steps += 1
        if steps == STEPS:
            found.weights = {name: value.detach().clone() for name, value in _parameters(loops)}
        if steps == stop_after and world.rank == world.size - 1:
            os.kill(os.getpid(), signal.SIGTERM)

    hooks = [register_optimizer_step_pre_hook(before_step), register_optimizer_step_post_hook(after_step)]
    try:
        DeviceImages.take, TrainingLoop.__init__ = recorded_take, recorded_init  # type: ignore[method-assign]
        baseline._statistics = unrecorded_statistics
        with empty_charts():
            if "run" in settings:
                resume(settings["run"], progress=progress)
            else:
                train(progress=progress, **settings)
    except Interrupted:
        found.interrupted = True
    finally:
        DeviceImages.take, TrainingLoop.__init__ = take, init  # type: ignore[method-assign]
        baseline._statistics = statistics
        for hook in hooks:
            hook.remove()
    found.messages, found.files = progress.heard, sorted(str(path) for path in Path().rglob("*"))
    return found


def _parameters(loops: list[Any]) -> list[tuple[str, Tensor]]:
    """Return the names and the parameters of the network that is trained."""
    return list(loops[-1].state.classifier.network.named_parameters())
