"""Train a model, or resume a run.

torch is imported late, so that a mistake in the settings is reported at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.config.train_config import ComputeConfig, TrainConfig
from zoo.distributed.rank import is_chief, is_distributed
from zoo.errors import Interrupted
from zoo.progress import Reporter, Silent, reporter_for
from zoo.runs import Run, resume_hint
from zoo.runs.new_folder import check_new_folder
from zoo.signals import StopRequested, stopped_by_signals
from zoo.training.plan import make_plan
from zoo.training.resume import check_given, check_paths, finished_run, plan_of_run
from zoo.training.trackers import make_tracker
from zoo.training.training_data import TrainingData

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from zoo.config.keywords import TrainKeywords


def train(model: str, *, progress: Reporter | bool = True, **given: Unpack[TrainKeywords]) -> Run:
    """Train a model and evaluate it on its held-out part.

    Args:
        model: A model's name; `zoo.list_models()` gives them all.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.
        **given: Settings. Those that are not given are the recipe's, or chosen.
            model_options: Options of the architecture, such as depth=32; `zoo show NAME` lists them.
            init: Initial weights: auto, imagenet, scratch, or a trained model: a run, a bundle or a Hub id. auto:
                pretrained weights if there are any and they can be downloaded, else from scratch.
            data: Data source (`zoo data list`), or a path whose layout is recognized.
            root: Path of the folder or file with the data.
            options: Options of the data source, such as magnification=40; `zoo data list NAME` lists them.
            store: Decode each image once and keep it in the cache, or else decode it each time.
            tolerate: Share of images that may be unreadable; they are left out.
            recipe: Recipe: modern, quick, liu2023, guo2024, kim2023, one of a plugin, or a YAML file. Default: that of
                the model's paper (`zoo show NAME`), quick on the synthetic sample.
            device: Device to compute on: auto, cpu, cuda, cuda:1 or mps.
            precision: Number format of training; auto: bfloat16 if the hardware supports it.
            layout: Memory layout of images and features.
            compile: Use torch.compile; auto: if it saves time.
            cuda_graph: Replay each training step as one CUDA graph, which saves the time to launch its kernels; auto:
                on a single NVIDIA GPU, if the network does the same in every step.
            resident: Keep all images in the GPU's memory; auto: if they fit.
            sync_norm: Compute batch norm statistics over all processes; auto: if each has few images.
            deterministic: Give bit-identical results every time, also on a GPU, where that is slower.
            out: Run folder; the next free runs/MODEL-DATA-N if not given, or runs/grid-N for many runs.
            save_every: Seconds between checkpoints.
            track: Experiment tracker to which every epoch is logged.
            split_file: CSV file with the part of each image, such as the split.csv of another run.
            seed: Random seed of the split and of training.
            split_seed: Random seed of the split alone: all runs of --seeds then have the same split. --seed if not
                given.
            epochs: Number of passes over the training images.
            batch_size: Number of images in one training step, over all processes.
            height: Input height in pixels; the model's own if not given.
            width: Input width in pixels; the model's own if not given.
            split: How the data are split. patient: all images of a patient are in the same part; image: each image is
                assigned separately; fixed: the split that comes with the data; auto: the first that is possible of
                fixed, patient and image.
            fractions: Shares of the training, validation and test parts; they add up to 1.
            folds: Cross-validation with this many folds.
            fold: The fold to test on, counted from 0.
            identical: Identical images. together: a split by patient or image keeps them in one part, and a given split
                that does not is refused; exclude: copies of test images are left out of training; allow: they may be in
                several parts, which leaks.
            select: Which weights are kept: those of the last epoch, or of the best epoch by this measure on the
                validation part.
            patience: Stop early after this many epochs without improvement; none: train all epochs.
            tune: Layers that are trained: all, or only the head (the layer that returns the logits) and other layers
                without pretrained weights.
            batch_norm: Batch norm layers. train: trained like all others; frozen: they keep their initial statistics,
                weights and biases.
            averaging: Decay of an exponential moving average (EMA) of the weights, such as 0.999; the average is
                validated and kept. 0: no average.
            optimizer: Optimizer; sgd has Nesterov momentum of 0.9.
            lr: Learning rate; the highest of the schedule.
            lr_from_scratch: Learning rate of a network that starts from random weights; lr if not given.
            weight_decay: Weight decay; biases, normalization layers, and what a network excludes, such as positions,
                have none.
            schedule: Learning rate schedule. step: divide by 10 after 40, 60 and 80 % of all steps.
            warmup: Share of all steps during which the learning rate rises from 0.
            early_rate: Learning rate of the first layer as a share of that of the head; it rises from layer to layer.
            loss: Loss function; focal gives less weight to images that are already classified well.
            label_smoothing: Share of each label that is distributed over all classes.
            class_weights: Weights of the classes in the loss. none: every image has the same weight; balanced: every
                class has, regardless of its number of images.
            sampling: Images of an epoch. natural: each once; balanced: those of smaller classes are repeated.
            augment: Augmentations, separated by commas: symmetries, crop, stain, blur, cutout, those of plugins; or
                none.
            mixing: Mix each image and its label with another image of the training part.
            threshold: Decision threshold of two classes: the second is predicted if its probability is above this
                number, or above the one with the highest balanced accuracy on the validation part.

    Returns:
        The run, whose folder holds everything that was made: settings, split, history, weights, metrics, predictions.

    Examples:
        >>> run = zoo.train("dala", data="breakhis", root="BreaKHis_v1", options={"magnification": 40}, epochs=30)
        >>> run.metrics, run.bundle
    """
    return train_from(TrainConfig.from_keywords(model, given), progress=reporter_for(progress))


def resume(run: str | Path | Run, *, progress: Reporter | bool = True, **given: Unpack[TrainKeywords]) -> Run:
    """Resume a run that was stopped or killed, to the same bits as if it had not been.

    Args:
        run: The run, or its folder.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.
        **given: Keywords of `zoo.train`. They must have the values that the run was started with, except for
            `save_every` and `track`, which change no number.

    Returns:
        The same run, finished.

    Examples:
        >>> zoo.resume("runs/dala-breakhis-1")
    """
    return resume_from(run, given, progress=reporter_for(progress))


def train_from(config: TrainConfig, *, progress: Reporter, same_data_as: Run | None = None) -> Run:
    """Train as a configuration says, in a new run folder, and return the run.

    Args:
        config: The configuration.
        progress: Shows progress and messages.
        same_data_as: A run whose data must be the same, such as another one of a grid.
    """
    tracker = make_tracker(config.session.track)
    plan = make_plan(config)
    if config.session.out is not None and is_chief():
        check_new_folder(config.session.out)
    progress = progress if is_chief() else Silent()
    own = plan.blueprint.entry.recipe
    if plan.recipe.name != own and config.recipe.name is None:
        progress.say(
            f"using recipe {plan.recipe.name} of the data source {plan.source.name}; "
            f"the recipe of {plan.blueprint.name} itself is {own} (--recipe {own})"
        )
    with _stoppable("nothing has been written yet"):
        if plan.config.model.initial_model is not None and is_chief():
            from zoo.training.initial_model import planned_initial_model

            planned_initial_model(plan, progress)  # or an error before any work
        with _importing_torch(config.compute):
            data = TrainingData.read(plan, progress)
        from zoo.training.start import start_run

        return start_run(plan, data, tracker=tracker, progress=progress, same_data_as=same_data_as)


def resume_from(
    run: str | Path | Run, given: Mapping[str, Any], *, model: str | None = None, progress: Reporter
) -> Run:
    """Resume a run, and return it.

    Args:
        run: The run, or its folder.
        given: Settings by keyword; they must be those of the run, except for those that may change.
        model: The model's name, if it is given again.
        progress: Shows progress and messages.
    """
    run = Run.open(run)
    progress = progress if is_chief() else Silent()
    plan = check_given(run, plan_of_run(run, given), given, model=model)
    if run.record.status == "finished" and not is_distributed():  # nor does a finished run need to be writable
        return finished_run(run, progress)
    lock = run.locked() if is_chief() else nullcontext()
    with _stoppable("training has not been resumed yet", hint=resume_hint(run)), lock:
        if run.record.status == "finished" and not is_distributed():
            return finished_run(run, progress)
        check_paths(plan.config)
        tracker = make_tracker(plan.config.session.track)
        with _importing_torch(plan.config.compute):
            data = TrainingData.read(plan, progress)
        from zoo.training.start import resume_run

        return resume_run(run, plan, data, tracker=tracker, progress=progress)


@contextmanager
def _stoppable(message: str, *, hint: str | None = None) -> Iterator[None]:
    """Stop the block as soon as a signal arrives, and raise an Interrupted error with this message."""
    try:
        with stopped_by_signals():
            yield
    except StopRequested as stopped:
        raise Interrupted(message, number=stopped.number, hint=hint) from stopped


@contextmanager
def _importing_torch(compute: ComputeConfig) -> Iterator[None]:
    """Import torch and other slow packages in a thread while the block runs, which must not need them."""
    with ThreadPoolExecutor(1) as thread:
        imported = thread.submit(_import_torch, compute)
        if compute.device not in ("auto", "cpu"):
            imported.result()  # a device that does not exist is reported before images are decoded
        yield
        imported.result()


def _import_torch(compute: ComputeConfig) -> None:
    """Import what a session needs, and raise an error if the device cannot be used."""
    import torch

    from zoo.training import session  # noqa: F401
    from zoo.training.compute import choose_training_compute

    choose_training_compute(compute)
    torch.optim.SGD([torch.zeros(1)], lr=1.0)  # the first optimizer imports torch's compiler
