"""From a plan and its data to a session: the other processes met, the choices made, the run's folder there."""

from __future__ import annotations

from pathlib import Path

import torch

from zoo.distributed.world import open_world
from zoo.engine.asked import Asked
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.choices import compute_as
from zoo.engine.material import Material
from zoo.engine.plan import Plan
from zoo.engine.resuming import check_unchanged
from zoo.engine.session import Session
from zoo.engine.tracking import Tracker
from zoo.engine.work import Work
from zoo.progress import Watcher
from zoo.runs import CHECKPOINT, Run


def warm(asked: Asked) -> None:
    """What takes long the first time: the device, and the first optimiser, which imports torch's compiler."""
    compute_as(asked)
    torch.optim.SGD([torch.zeros(1)], lr=1.0)


def begin(
    plan: Plan,
    material: Material,
    *,
    out: Path | None,
    track: str | None,
    tracker: Tracker | None,
    save_every: float,
    watch: Watcher,
) -> Run:
    """A new run, in `out` or in the next free folder."""
    compute = compute_as(plan.asked)
    with open_world(compute.device) as world:
        work = Work.of(plan, material, compute, world)
        path = None
        if world.chief:
            name = f"{plan.blueprint.name}-{plan.source.name}"
            path = Run.create({**work.record(), "track": track}, name=name, out=out).path
        return Session(Run(world.tell(path)), work, save_every=save_every, watch=watch, tracker=tracker).run()


def go_on(
    run: Run, plan: Plan, material: Material, *, tracker: Tracker | None, save_every: float, watch: Watcher
) -> Run:
    """A run that stopped, from its last checkpoint."""
    compute = compute_as(plan.asked)
    with open_world(compute.device) as world:
        work = Work.of(plan, material, compute, world)
        check_unchanged(run, work.record())
        saved = world.tell(Checkpoints(run.path / CHECKPOINT).latest(watch) if world.chief else None)
        watch.say(f"going on with {run} after step {saved.step if saved else 0}")
        return Session(run, work, save_every=save_every, watch=watch, tracker=tracker).run(saved)
