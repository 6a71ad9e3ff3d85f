"""Start a run in a new folder, or resume one: what is left to check before a session trains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from threading import Lock

from zoo.config.train_config import ComputeConfig
from zoo.distributed.world import World, open_world
from zoo.errors import TrainingError
from zoo.evaluation.selection import part_of_training
from zoo.gpu_memory import gpu_memory_errors
from zoo.progress import Reporter
from zoo.runs import CHECKPOINT, Run
from zoo.testing.augmentation_checks import try_augmentations
from zoo.testing.trial import try_network
from zoo.training.checkpoint import Checkpoints
from zoo.training.compute import choose_training_compute, plan_compute
from zoo.training.initial_network import make_initial_network
from zoo.training.initial_seen import read_initial_seen, say_what_was_seen, write_initial_seen
from zoo.training.plan import Plan
from zoo.training.record import run_record
from zoo.training.resume import (
    check_initial_weights,
    check_record,
    check_same_data,
    check_same_initial_model,
    check_unchanged,
    finished_run,
    with_paths_of,
)
from zoo.training.session import Session
from zoo.training.setup import TrainingSetup
from zoo.training.trackers import Tracker
from zoo.training.training_data import TrainingData

ONE_AT_A_TIME = Lock()
"""Trainings in threads of one process take turns: torch has one random number generator for all of them."""


def start_run(
    plan: Plan, data: TrainingData, *, tracker: Tracker | None, progress: Reporter, same_data_as: Run | None
) -> Run:
    """Make the network and then the run folder, and train."""
    with _prepared(plan, data) as setup:
        world, record = setup.world, run_record(setup)
        if same_data_as is not None:
            check_same_data(same_data_as, record)
        _try(setup)
        network = make_initial_network(setup, progress=progress)
        if same_data_as is not None:
            check_same_initial_model(same_data_as, network.weights)
        name = network.weights.asked
        say_what_was_seen(data, network.before, name, progress)
        part_of_training(data.prepared, data.split, record.split, "test", before=network.before)  # or an error now
        path = None
        if world.chief:
            name = f"{plan.blueprint.name}-{plan.source.name}"
            record = replace(record, initial_weights=network.weights)
            path = Run.create(record, name=name, out=plan.config.session.out).path
            write_initial_seen(Run(path), network.before)
        run = Run(world.broadcast_object(path))
        with run.locked() if world.chief else nullcontext():
            return Session(run, setup, network=network, progress=progress, tracker=tracker).run()


def resume_run(run: Run, plan: Plan, data: TrainingData, *, tracker: Tracker | None, progress: Reporter) -> Run:
    """Check that everything is as before, and continue with the last checkpoint; the run is locked."""
    started = run.record
    with _prepared(plan, data, asked=started.config.compute, threads=started.resolved.threads) as setup:
        world = setup.world
        if world.broadcast_object(run.record.status if world.chief else None) == "finished":
            return finished_run(run, progress)
        record = run.record
        check_unchanged(run, run_record(setup))
        saved = world.broadcast_object(Checkpoints(run.path / CHECKPOINT).latest(progress) if world.chief else None)
        if saved is not None:
            check_record(run, saved.run)
        else:
            _try(setup)
        known = (record.initial_weights, read_initial_seen(run, record.initial_weights)) if saved else None
        network = make_initial_network(setup, progress=progress, known=known)
        check_initial_weights(run, network.weights)
        if world.chief:
            run.delete_unfinished()
            write_initial_seen(run, network.before)
            run.update(config=with_paths_of(record.config, plan.config), initial_weights=network.weights)
        progress.say(f"resuming {run} after step {saved.step if saved else 0}")
        return Session(run, setup, network=network, progress=progress, tracker=tracker).run(saved)


def _try(setup: TrainingSetup) -> None:
    """Raise a PluginError unless the augmentations and the network work, on a few images of noise."""
    plan, compute = setup.plan, setup.compute.compute
    try_augmentations(plan.recipe.augment, plan.blueprint.preprocessing, compute)
    try_network(plan.blueprint, setup.data.manifest.classes, compute)


@contextmanager
def _prepared(
    plan: Plan, data: TrainingData, *, asked: ComputeConfig | None = None, threads: int | None = None
) -> Iterator[TrainingSetup]:
    """Join the other processes, if there are any, and choose how to compute; trainings in threads take turns.

    Args:
        plan: The model, the recipe and the configuration.
        data: The images and their split.
        asked: What the user asked for when a run started that is resumed.
        threads: With how many threads that run started.
    """
    device = choose_training_compute(plan.config.compute, asked=asked, threads=threads)
    size = plan.blueprint.preprocessing
    trying = f"before the training, with the network and two images of {size.height}x{size.width}"
    with ONE_AT_A_TIME, open_world(device.device) as world, gpu_memory_errors(trying):
        _check_world(world, plan, data)
        compute = plan_compute(plan, device, images=len(data.pixels), world=world)
        yield TrainingSetup(plan=plan, data=data, compute=compute, world=world)


def _check_world(world: World, plan: Plan, data: TrainingData) -> None:
    """Raise an error unless all processes have the same images in the same parts, and at least one image per step."""
    world.check_equal("data", data.prepared.fingerprint)
    world.check_equal("split", data.split_digest)
    if plan.recipe.batch_size < world.size:
        raise TrainingError(
            f"a batch of {plan.recipe.batch_size} images cannot be shared by {world.size} processes",
            hint="start fewer processes",
        )
