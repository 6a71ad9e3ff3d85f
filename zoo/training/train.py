"""Train a model, or resume a run.

No torch here: a mistake in what was asked for is reported before torch is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.config.train_config import ComputeConfig, TrainConfig
from zoo.distributed.rank import is_chief
from zoo.errors import TrainingError
from zoo.progress import Reporter, Silent, reporter_for
from zoo.runs import CHECKPOINT, Run
from zoo.training.plan import Plan, make_plan
from zoo.training.resume import check_given, plan_of_run
from zoo.training.trackers import Tracker, find_tracker
from zoo.training.training_data import TrainingData

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from zoo.config.keywords import TrainKeywords
    from zoo.distributed.world import World
    from zoo.training.session import Session


def train(model: str, *, progress: Reporter | bool = True, **given: Unpack[TrainKeywords]) -> Run:
    """Train a model and evaluate it on its held-out part.

    Args:
        model: A model's name; `zoo.list_models()` gives them all.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.
        **given: Settings. Those that are not given are the recipe's, or chosen.
            model_options: Options of the architecture, such as depth=32; `zoo show NAME` lists them.
            init: Initial weights. auto: pretrained weights where there are any and they can be downloaded, else from
                scratch.
            data: Data source (`zoo data list`), or a path whose layout is recognised.
            root: Path of the data.
            options: Options of the data source, such as magnification=40.
            store: Decode each image once into the cache, or every time it is read.
            tolerate: Share of images that may be unreadable.
            recipe: Recipe: a name, or a YAML file. `zoo show NAME` prints the model's own, which is the default.
            device: auto, cpu, cuda, cuda:1, mps.
            precision: Number format of training; auto: bfloat16 where the hardware has it.
            layout: Memory layout of images.
            compile: Use torch.compile; auto: where it saves time.
            resident: Keep all images in the GPU's memory; auto: if they fit.
            sync_norm: Batch norm statistics over all processes; auto: where each has few images.
            deterministic: Same result to the last bit every time, on a GPU too; slower there.
            out: Run folder; the next free runs/MODEL-DATA-N if not given, or runs/grid-N for many runs.
            save_every: Seconds between two checkpoints.
            track: Experiment tracker that follows the epochs.
            split_file: Table that says which image is in which part, such as a run's split.csv.
            seed: Random seed of the split and of training.
            epochs: Passes over the training images.
            batch_size: Images in one step, of all processes together.
            height: Input height in pixels; the model's own if not given.
            width: Input width in pixels; the model's own if not given.
            split: What is kept whole when the data are divided: all images of a patient, or each image by itself.
                fixed: as the data say; auto: fixed if they say it, else patient if patients are known, else image.
            fractions: Shares of the training, validation and test parts.
            folds: Cross-validation with this many folds.
            fold: The fold to test on, counted from 0.
            select: Epoch whose weights are kept: the last, or the best by this measure on the validation part.
            patience: Stop early after this many epochs without a better one.
            tune: Layers that are trained: all, or only those that give the outputs.
            batch_norm: frozen: batch norms keep their initial statistics and scales.
            averaging: Decay of an exponential moving average of the weights, which is then validated and kept; 0 for
                none.
            optimizer: Optimizer; sgd has Nesterov momentum of 0.9.
            lr: Highest learning rate.
            weight_decay: Weight decay; biases and normalization layers have none.
            schedule: How the learning rate falls. step: to a tenth after 40, 60 and 80 % of all steps.
            warmup: Share of all steps in which the learning rate rises from 0.
            early_rate: Learning rate of the first layers as a share of the last layer's; it rises from layer to layer.
            loss: Loss function; focal gives images that are classified well less weight.
            label_smoothing: Share of each label that is spread over all classes.
            class_weights: balanced: every class has the same weight in the loss, however many images it has.
            sampling: balanced: images of smaller classes are repeated in every epoch.
            augment: Augmentations, separated by commas: symmetries, crop, stain, blur, cutout.
            mixing: Mix each image and its label with another image of the training part.

    Returns:
        The run, whose folder holds everything that was made: settings, split, history, weights, metrics, predictions.

    Example:
        >>> run = zoo.train("dala", data="breakhis", root="BreaKHis_v1", options={"magnification": 40}, epochs=30)
        >>> run.metrics, run.bundle
    """
    return train_from(TrainConfig.from_keywords(model, given), progress=reporter_for(progress))


def resume(run: str | Path | Run, *, progress: Reporter | bool = True, **given: Unpack[TrainKeywords]) -> Run:
    """Resume a run that was stopped or killed, to the same bits as if it had not been.

    Args:
        run: The run, or its folder.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.
        **given: Keywords of `zoo.train`. They must have the values that the run began with, but for `save_every` and
            `track`, which change no number.

    Returns:
        The same run, finished.

    Example:
        >>> zoo.resume("runs/dala-breakhis-1")
    """
    return resume_from(run, given, progress=reporter_for(progress))


def train_from(config: TrainConfig, *, progress: Reporter) -> Run:
    """Train as a configuration says, in a new run folder."""
    tracker = find_tracker(config.session.track)
    plan = make_plan(config)
    progress = progress if is_chief() else Silent()
    own = plan.blueprint.entry.recipe
    if plan.recipe.name != own and config.recipe.name is None:
        progress.say(
            f"recipe {plan.recipe.name}, that of the data source {plan.source.name}; "
            f"{plan.blueprint.name}'s own is {own} (--recipe {own})"
        )
    with _importing_torch(config.compute):
        data = TrainingData.read(plan, progress)
    return _work(plan, data, tracker=tracker, progress=progress)


def resume_from(
    run: str | Path | Run, given: Mapping[str, Any], *, model: str | None = None, progress: Reporter
) -> Run:
    """Resume a run; the settings that are given must be the run's own."""
    run = Run.open(run.path if isinstance(run, Run) else run)
    plan = check_given(run, plan_of_run(run), given, model=model)
    progress = progress if is_chief() else Silent()
    if run.record.status == "finished":
        progress.say(f"{run} is finished already")
        return run
    tracker = find_tracker(plan.config.session.track)
    with _importing_torch(plan.config.compute):
        data = TrainingData.read(plan, progress)
    return _work(plan, data, tracker=tracker, progress=progress, run=run)


def _work(
    plan: Plan, data: TrainingData, *, tracker: Tracker | None, progress: Reporter, run: Run | None = None
) -> Run:
    """Meet the other processes, if there are any, and train in a new run folder or in that of a run."""
    from zoo.distributed.world import open_world
    from zoo.training.checkpoint import Checkpoints
    from zoo.training.compute import choose_training_compute, plan_compute
    from zoo.training.record import run_record
    from zoo.training.resume import check_unchanged
    from zoo.training.session import Session

    def session(world: World, run: Run) -> Session:
        save_every = plan.config.session.save_every
        return Session(
            run,
            plan,
            data,
            compute=compute,
            world=world,
            save_every=save_every,
            progress=progress,
            tracker=tracker,
        )

    device = choose_training_compute(plan.config.compute)
    with open_world(device.device) as world:
        _check_world(world, plan, data)
        compute = plan_compute(plan, device, images=len(data.pixels), world=world)
        record = run_record(plan, data, compute, world)
        if run is None:
            path = None
            if world.chief:
                name = f"{plan.blueprint.name}-{plan.source.name}"
                path = Run.create(record, name=name, out=plan.config.session.out).path
            return session(world, Run(world.broadcast_object(path))).run()
        check_unchanged(run, record)
        compute = replace(compute, compute=replace(compute.compute, threads=run.record.resolved.threads))
        saved = world.broadcast_object(Checkpoints(run.path / CHECKPOINT).latest(progress) if world.chief else None)
        progress.say(f"resuming {run} after step {saved.step if saved else 0}")
        return session(world, run).run(saved)


def _check_world(world: World, plan: Plan, data: TrainingData) -> None:
    """Raise an error unless all processes have the same images in the same parts, and each a share of a batch."""
    world.check_equal("data", data.prepared.fingerprint)
    world.check_equal("split", data.split_digest)
    if plan.recipe.batch_size < world.size:
        raise TrainingError(
            f"a batch of {plan.recipe.batch_size} images cannot be shared by {world.size} processes",
            hint="start fewer processes",
        )


@contextmanager
def _importing_torch(compute: ComputeConfig) -> Iterator[None]:
    """Import torch and what else takes seconds in a thread, while the block runs, which needs none of it."""
    with ThreadPoolExecutor(1) as thread:
        imported = thread.submit(_import_torch, compute)
        if compute.device not in ("auto", "cpu"):
            imported.result()  # so that a device that is not there is reported before anything is decoded
        yield
        imported.result()


def _import_torch(compute: ComputeConfig) -> None:
    import torch

    from zoo.training import session  # noqa: F401
    from zoo.training.compute import choose_training_compute

    choose_training_compute(compute)
    torch.optim.SGD([torch.zeros(1)], lr=1.0)  # the first optimizer imports torch's compiler
