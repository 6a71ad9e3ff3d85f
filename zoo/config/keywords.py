"""The keywords of `zoo.train` and `zoo.train_many`, for editors and type checkers.

Written by `python -m zoo.config`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypedDict

from zoo.config.grid_config import On
from zoo.config.train_config import Init
from zoo.spec import Choice, Layout, Precision, Scalar


class TrainKeywords(TypedDict, total=False):
    """Keywords of `zoo.train`."""

    model_options: Mapping[str, Scalar]
    """Options of the architecture, such as depth=32; `zoo show NAME` lists them."""
    init: Init
    """Initial weights. auto: pretrained weights where there are any and they can be downloaded, else from scratch."""
    data: str
    """Data source (`zoo data list`), or a path whose layout is recognised."""
    root: str | Path | None
    """Path of the data."""
    options: Mapping[str, Scalar]
    """Options of the data source, such as magnification=40."""
    store: bool
    """Decode each image once into the cache, or every time it is read."""
    tolerate: float
    """Share of images that may be unreadable."""
    recipe: str | None
    """Recipe: a name, or a YAML file. `zoo show NAME` prints the model's own, which is the default."""
    device: str
    """auto, cpu, cuda, cuda:1, mps."""
    precision: Precision
    """Number format of training; auto: bfloat16 where the hardware has it."""
    layout: Layout
    """Memory layout of images."""
    compile: Choice
    """Use torch.compile; auto: where it saves time."""
    resident: Choice
    """Keep all images in the GPU's memory; auto: if they fit."""
    sync_norm: Choice
    """Batch norm statistics over all processes; auto: where each has few images."""
    deterministic: bool
    """Same result to the last bit every time, on a GPU too; slower there."""
    out: str | Path | None
    """Run folder; the next free runs/MODEL-DATA-N if not given, or runs/grid-N for many runs."""
    save_every: float
    """Seconds between two checkpoints."""
    track: Literal["none", "tensorboard", "trackio"]
    """Experiment tracker that follows the epochs."""
    split_file: str | Path | None
    """Table that says which image is in which part, such as a run's split.csv."""
    seed: int
    """Random seed of the split and of training."""
    epochs: int
    """Passes over the training images."""
    batch_size: int
    """Images in one step, of all processes together."""
    height: int | None
    """Input height in pixels; the model's own if not given."""
    width: int | None
    """Input width in pixels; the model's own if not given."""
    split: Literal["auto", "patient", "image", "fixed"]
    """What is kept whole when the data are divided: all images of a patient, or each image by itself. fixed: as the
    data say; auto: fixed if they say it, else patient if patients are known, else image."""
    fractions: tuple[float, float, float]
    """Shares of the training, validation and test parts."""
    folds: int | None
    """Cross-validation with this many folds."""
    fold: int
    """The fold to test on, counted from 0."""
    select: Literal["last", "loss", "accuracy", "balanced_accuracy"]
    """Epoch whose weights are kept: the last, or the best by this measure on the validation part."""
    patience: int | None
    """Stop early after this many epochs without a better one."""
    tune: Literal["all", "head"]
    """Layers that are trained: all, or only those that give the outputs."""
    batch_norm: Literal["train", "frozen"]
    """frozen: batch norms keep their initial statistics and scales."""
    averaging: float
    """Decay of an exponential moving average of the weights, which is then validated and kept; 0 for none."""
    optimizer: Literal["adam", "adamw", "sgd"]
    """Optimizer; sgd has Nesterov momentum of 0.9."""
    lr: float
    """Highest learning rate."""
    weight_decay: float
    """Weight decay; biases and normalization layers have none."""
    schedule: Literal["constant", "cosine", "step"]
    """How the learning rate falls. step: to a tenth after 40, 60 and 80 % of all steps."""
    warmup: float
    """Share of all steps in which the learning rate rises from 0."""
    early_rate: float
    """Learning rate of the first layers as a share of the last layer's; it rises from layer to layer."""
    loss: Literal["cross_entropy", "focal"]
    """Loss function; focal gives images that are classified well less weight."""
    label_smoothing: float
    """Share of each label that is spread over all classes."""
    class_weights: Literal["none", "balanced"]
    """balanced: every class has the same weight in the loss, however many images it has."""
    sampling: Literal["natural", "balanced"]
    """balanced: images of smaller classes are repeated in every epoch."""
    augment: tuple[str, ...]
    """Augmentations, separated by commas: symmetries, crop, stain, blur, cutout."""
    mixing: Literal["none", "mixup", "cutmix"]
    """Mix each image and its label with another image of the training part."""


class GridKeywords(TrainKeywords, total=False):
    """Keywords of `zoo.train_many`."""

    seeds: int | None
    """Number of runs of each model, with seeds from --seed on."""
    jobs: int | None
    """Runs at a time."""
    on: On
    """Where to run: as processes here, as SLURM jobs, or as jobs of submitit's local executor on this machine."""
    slurm: Mapping[str, Scalar]
    """SLURM options: partition, minutes, gpus, cpus, memory (in GB), account, qos, constraint."""
