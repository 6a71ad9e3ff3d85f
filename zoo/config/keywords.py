"""The keywords of `zoo.train`, `zoo.train_many` and `zoo.reproduce`, for editors and type checkers.

Written by `python -m zoo.config`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypedDict

from zoo.config.grid_config import On
from zoo.config.reproduction_config import Budget
from zoo.spec import Choice, Layout, Precision, Scalar


class TrainKeywords(TypedDict, total=False):
    """Keywords of `zoo.train`."""

    model_options: Mapping[str, Scalar]
    """Options of the architecture, such as depth=32; `zoo show NAME` lists them."""
    init: str | Path
    """Initial weights: auto, imagenet, scratch, or a trained model: a run, a bundle or a Hub id. auto: pretrained
    weights if there are any and they can be downloaded, else from scratch."""
    data: str
    """Data source (`zoo data list`), or a path whose layout is recognized."""
    root: str | Path | None
    """Path of the folder or file with the data."""
    options: Mapping[str, Scalar]
    """Options of the data source, such as magnification=40; `zoo data list NAME` lists them."""
    store: bool
    """Decode each image once and keep it in the cache, or else decode it each time."""
    tolerate: float
    """Share of images that may be unreadable; they are left out."""
    recipe: str | None
    """Recipe: modern, quick, liu2023, guo2024, kim2023, one of a plugin, or a YAML file. Default: that of the model's
    paper (`zoo show NAME`), quick on the synthetic sample."""
    device: str
    """Device to compute on: auto, cpu, cuda, cuda:1 or mps."""
    precision: Precision
    """Number format of training; auto: bfloat16 if the hardware supports it."""
    layout: Layout
    """Memory layout of images and features."""
    compile: Choice
    """Use torch.compile; auto: if it saves time."""
    cuda_graph: Choice
    """Replay each training step as one CUDA graph, which saves the time to launch its kernels; auto: on a single NVIDIA
    GPU, if the network does the same in every step."""
    resident: Choice
    """Keep all images in the GPU's memory; auto: if they fit."""
    sync_norm: Choice
    """Compute batch norm statistics over all processes; auto: if each has few images."""
    deterministic: bool
    """Give bit-identical results every time, also on a GPU, where that is slower."""
    out: str | Path | None
    """Run folder; the next free runs/MODEL-DATA-N if not given, or runs/grid-N for many runs."""
    save_every: float
    """Seconds between checkpoints."""
    track: Literal["none", "tensorboard", "trackio"]
    """Experiment tracker to which every epoch is logged."""
    split_file: str | Path | None
    """CSV file with the part of each image, such as the split.csv of another run."""
    seed: int
    """Random seed of the split and of training."""
    split_seed: int | None
    """Random seed of the split alone: all runs of --seeds then have the same split. --seed if not given."""
    epochs: int
    """Number of passes over the training images."""
    batch_size: int
    """Number of images in one training step, over all processes."""
    height: int | None
    """Input height in pixels; the model's own if not given."""
    width: int | None
    """Input width in pixels; the model's own if not given."""
    split: Literal["auto", "patient", "image", "fixed"]
    """How the data are split. patient: all images of a patient are in the same part; image: each image is assigned
    separately; fixed: the split that comes with the data; auto: the first that is possible of fixed, patient and
    image."""
    fractions: tuple[float, float, float]
    """Shares of the training, validation and test parts; they add up to 1."""
    folds: int | None
    """Cross-validation with this many folds."""
    fold: int
    """The fold to test on, counted from 0."""
    identical: Literal["together", "exclude", "allow"]
    """Identical images. together: a split by patient or image keeps them in one part, and a given split that does not
    is refused; exclude: copies of test images are left out of training; allow: they may be in several parts, which
    leaks."""
    select: Literal["last", "loss", "accuracy", "balanced_accuracy"]
    """Which weights are kept: those of the last epoch, or of the best epoch by this measure on the validation part."""
    patience: int | None
    """Stop early after this many epochs without improvement; none: train all epochs."""
    tune: Literal["all", "head"]
    """Layers that are trained: all, or only the head (the layer that returns the logits) and other layers without
    pretrained weights."""
    batch_norm: Literal["train", "frozen"]
    """Batch norm layers. train: trained like all others; frozen: they keep their initial statistics, weights and
    biases."""
    averaging: float
    """Decay of an exponential moving average (EMA) of the weights, such as 0.999; the average is validated and kept. 0:
    no average."""
    optimizer: Literal["adam", "adamw", "sgd"]
    """Optimizer; sgd has Nesterov momentum of 0.9."""
    lr: float
    """Learning rate; the highest of the schedule."""
    lr_from_scratch: float | None
    """Learning rate of a network that starts from random weights; lr if not given."""
    weight_decay: float
    """Weight decay; biases, normalization layers, and what a network excludes, such as positions, have none."""
    schedule: Literal["constant", "cosine", "step"]
    """Learning rate schedule. step: divide by 10 after 40, 60 and 80 % of all steps."""
    warmup: float
    """Share of all steps during which the learning rate rises from 0."""
    early_rate: float
    """Learning rate of the first layer as a share of that of the head; it rises from layer to layer."""
    loss: Literal["cross_entropy", "focal"]
    """Loss function; focal gives less weight to images that are already classified well."""
    label_smoothing: float
    """Share of each label that is distributed over all classes."""
    class_weights: Literal["none", "balanced"]
    """Weights of the classes in the loss. none: every image has the same weight; balanced: every class has, regardless
    of its number of images."""
    sampling: Literal["natural", "balanced"]
    """Images of an epoch. natural: each once; balanced: those of smaller classes are repeated."""
    augment: tuple[str, ...]
    """Augmentations, separated by commas: symmetries, crop, stain, blur, cutout, those of plugins; or none."""
    mixing: Literal["none", "mixup", "cutmix"]
    """Mix each image and its label with another image of the training part."""
    threshold: float | Literal["validation"]
    """Decision threshold of two classes: the second is predicted if its probability is above this number, or above the
    one with the highest balanced accuracy on the validation part."""


class GridKeywords(TrainKeywords, total=False):
    """Keywords of `zoo.train_many`."""

    seeds: int | None
    """Number of runs of each model, with seeds from --seed on."""
    jobs: int | None
    """Number of runs at a time."""
    on: On
    """Where runs are executed. here: in processes on this machine; slurm: as SLURM jobs; submitit-local: with
    submitit's local executor, on this machine."""
    slurm: Mapping[str, Scalar]
    """SLURM options: partition, minutes, gpus, cpus, memory (in GB), account, qos, constraint."""


class ReproductionKeywords(TypedDict, total=False):
    """Keywords of `zoo.reproduce`."""

    budget: Budget
    """full: the paper's recipe. smoke: one epoch on a few small images, from scratch, to see that everything works; its
    numbers say nothing about the paper."""
    split: Literal["paper", "image", "patient", "both"]
    """How the data are split. paper: as in the paper; image: images of one patient are in several parts; patient: all
    images of a patient are in the same part; both: everything is trained with both splits, which shows what the leak of
    a split by image is worth."""
    models: tuple[str, ...]
    """Rows of the paper's table to reproduce, separated by commas; by default all."""
    columns: tuple[str, ...]
    """Data sets of the paper's table, such as 40x,100x; by default all."""
    init: Literal["auto", "scratch"]
    """Initial weights. auto: pretrained weights if there are any and they can be downloaded, else from scratch."""
    seed: int
    """Random seed of the split and of training."""
    seeds: int | None
    """Number of runs of each model, with seeds from --seed on."""
    data: str
    """Data source (`zoo data list`), or a path whose layout is recognized. `sample` to try it out, with --budget
    smoke."""
    root: str | Path | None
    """Path of the folder or file with the data."""
    options: Mapping[str, Scalar]
    """Options of the data source, such as magnification=40; `zoo data list NAME` lists them."""
    store: bool
    """Decode each image once and keep it in the cache, or else decode it each time."""
    tolerate: float
    """Share of images that may be unreadable; they are left out."""
    device: str
    """Device to compute on: auto, cpu, cuda, cuda:1 or mps."""
    precision: Precision
    """Number format of training; auto: bfloat16 if the hardware supports it."""
    layout: Layout
    """Memory layout of images and features."""
    compile: Choice
    """Use torch.compile; auto: if it saves time."""
    cuda_graph: Choice
    """Replay each training step as one CUDA graph, which saves the time to launch its kernels; auto: on a single NVIDIA
    GPU, if the network does the same in every step."""
    resident: Choice
    """Keep all images in the GPU's memory; auto: if they fit."""
    sync_norm: Choice
    """Compute batch norm statistics over all processes; auto: if each has few images."""
    deterministic: bool
    """Give bit-identical results every time, also on a GPU, where that is slower."""
    out: str | Path | None
    """The folder; if not given, the last runs/reproduce-PAPER-N with the same settings, which is continued, or else the
    next free one."""
    save_every: float
    """Seconds between checkpoints."""
    track: Literal["none", "tensorboard", "trackio"]
    """Experiment tracker to which every epoch is logged."""
    jobs: int | None
    """Number of runs at a time."""
    on: On
    """Where runs are executed. here: in processes on this machine; slurm: as SLURM jobs; submitit-local: with
    submitit's local executor, on this machine."""
    slurm: Mapping[str, Scalar]
    """SLURM options: partition, minutes, gpus, cpus, memory (in GB), account, qos, constraint."""
