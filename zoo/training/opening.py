"""From a plan and its data to a session: the other processes met, the choices made, the run's folder there."""

from __future__ import annotations

from pathlib import Path

import torch

from zoo.distributed.world import open_world
from zoo.progress import Reporter
from zoo.runs import CHECKPOINT, Run
from zoo.training.checkpoint import Checkpoints
from zoo.training.compute import compute_as
from zoo.training.compute_config import ComputeConfig
from zoo.training.plan import Plan
from zoo.training.resume import check_unchanged
from zoo.training.session import Session
from zoo.training.trackers import Tracker
from zoo.training.training_data import Material
from zoo.training.work import Work


def warm(compute_config: ComputeConfig) -> None:
    """What takes long the first time: the device, and the first optimiser, which imports torch's compiler."""
    compute_as(compute_config)
    torch.optim.SGD([torch.zeros(1)], lr=1.0)


def begin(
    plan: Plan,
    material: Material,
    *,
    out: Path | None,
    track: str | None,
    tracker: Tracker | None,
    save_every: float,
    progress: Reporter,
) -> Run:
    """A new run, in `out` or in the next free folder."""
    compute = compute_as(plan.compute_config)
    with open_world(compute.device) as world:
        work = Work.of(plan, material, compute, world)
        path = None
        if world.chief:
            name = f"{plan.blueprint.name}-{plan.source.name}"
            path = Run.create({**work.record(), "track": track}, name=name, out=out).path
        return Session(
            Run(world.broadcast_object(path)), work, save_every=save_every, progress=progress, tracker=tracker
        ).run()


def go_on(
    run: Run, plan: Plan, material: Material, *, tracker: Tracker | None, save_every: float, progress: Reporter
) -> Run:
    """A run that stopped, from its last checkpoint."""
    compute = compute_as(plan.compute_config)
    with open_world(compute.device) as world:
        work = Work.of(plan, material, compute, world)
        check_unchanged(run, work.record())
        saved = world.broadcast_object(Checkpoints(run.path / CHECKPOINT).latest(progress) if world.chief else None)
        progress.say(f"going on with {run} after step {saved.step if saved else 0}")
        return Session(run, work, save_every=save_every, progress=progress, tracker=tracker).run(saved)
