"""The recipe: the settings of a training, under one name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from zoo.config.fields import Configuration, SettingError, setting, settings_of
from zoo.config.yaml_file import YamlFile
from zoo.errors import CatalogError, check_known, look_up
from zoo.valid_names import is_name, name_error

BASE = "base"
"""The key of a recipe's file that names the recipe it changes."""
SUFFIXES = (".yaml", ".yml")
ROUNDING = 0.0101
"""How far the sum of the fractions may be from 1, so that 0.33, 0.33, 0.33 can be given."""


@dataclass(frozen=True, kw_only=True)
class Recipe(Configuration):
    """How to train: the split of the data, image size, optimizer, epochs, loss and augmentation.

    Every setting can also be given on the command line and from Python, under its name.
    """

    name: str
    summary: str
    paper: str | None = None
    readings: tuple[str, ...] = ()
    """What the paper leaves open, and how the zoo interprets it."""
    epochs: int = setting(
        50, "Number of passes over the training images.", group="training", at_least=1, at_most=1_000_000
    )
    batch_size: int = setting(
        32,
        "Number of images in one training step, over all processes.",
        group="training",
        at_least=2,
        at_most=1_000_000,
    )
    height: int | None = setting(
        None, "Input height in pixels; the model's own if not given.", group="training", at_least=8, at_most=65_536
    )
    width: int | None = setting(
        None, "Input width in pixels; the model's own if not given.", group="training", at_least=8, at_most=65_536
    )
    split: Literal["auto", "patient", "image", "fixed"] = setting(
        "auto",
        "How the data are split. patient: all images of a patient are in the same part; image: each image is assigned "
        "separately; fixed: the split that comes with the data; auto: the first that is possible of fixed, patient and "
        "image.",
        group="training",
    )
    fractions: tuple[float, float, float] = setting(
        (0.6, 0.1, 0.3),
        "Shares of the training, validation and test parts; they add up to 1.",
        group="training",
        at_least=0,
    )
    folds: int | None = setting(
        None, "Cross-validation with this many folds.", group="training", at_least=3, at_most=10_000
    )
    fold: int = setting(0, "The fold to test on, counted from 0.", group="training", at_least=0)
    identical: Literal["together", "exclude", "allow"] = setting(
        "together",
        "Identical images. together: a split by patient or image keeps them in one part, and a given split that does "
        "not is refused; exclude: copies of test images are left out of training; allow: they may be in several parts, "
        "which leaks.",
        group="training",
    )
    select: Literal["last", "loss", "accuracy", "balanced_accuracy"] = setting(
        "balanced_accuracy",
        "Which weights are kept: those of the last epoch, or of the best epoch by this measure on the validation part.",
        group="training",
    )
    patience: int | None = setting(
        None,
        "Stop early after this many epochs without improvement; none: train all epochs.",
        group="training",
        at_least=1,
    )
    tune: Literal["all", "head"] = setting(
        "all",
        "Layers that are trained: all, or only the head (the layer that returns the logits) and other layers without "
        "pretrained weights.",
        group="training",
    )
    batch_norm: Literal["train", "frozen"] = setting(
        "train",
        "Batch norm layers. train: trained like all others; frozen: they keep their initial statistics, weights and "
        "biases.",
        group="training",
    )
    averaging: float = setting(
        0.0,
        "Decay of an exponential moving average (EMA) of the weights, such as 0.999; the average is validated and "
        "kept. 0: no average.",
        group="training",
        at_least=0,
        below=1,
    )
    optimizer: Literal["adam", "adamw", "sgd"] = setting(
        "adamw", "Optimizer; sgd has Nesterov momentum of 0.9.", group="optimizer"
    )
    lr: float = setting(1e-3, "Learning rate; the highest of the schedule.", group="optimizer", above=0, at_most=1e6)
    lr_from_scratch: float | None = setting(
        None,
        "Learning rate of a network that starts from random weights; lr if not given.",
        group="optimizer",
        above=0,
        at_most=1e6,
    )
    weight_decay: float = setting(
        0.0,
        "Weight decay; biases, normalization layers, and what a network excludes, such as positions, have none.",
        group="optimizer",
        at_least=0,
    )
    schedule: Literal["constant", "cosine", "step"] = setting(
        "constant",
        "Learning rate schedule. step: divide by 10 after 40, 60 and 80 % of all steps.",
        group="optimizer",
    )
    warmup: float = setting(
        0.0, "Share of all steps during which the learning rate rises from 0.", group="optimizer", at_least=0, below=1
    )
    early_rate: float = setting(
        1.0,
        "Learning rate of the first layer as a share of that of the head; it rises from layer to layer.",
        group="optimizer",
        above=0,
        at_most=1,
    )
    loss: Literal["cross_entropy", "focal"] = setting(
        "cross_entropy",
        "Loss function; focal gives less weight to images that are already classified well.",
        group="loss",
    )
    label_smoothing: float = setting(
        0.0, "Share of each label that is distributed over all classes.", group="loss", at_least=0, below=1
    )
    class_weights: Literal["none", "balanced"] = setting(
        "none",
        "Weights of the classes in the loss. none: every image has the same weight; balanced: every class has, "
        "regardless of its number of images.",
        group="loss",
    )
    sampling: Literal["natural", "balanced"] = setting(
        "natural",
        "Images of an epoch. natural: each once; balanced: those of smaller classes are repeated.",
        group="loss",
    )
    augment: tuple[str, ...] = setting(
        (),
        "Augmentations, separated by commas: symmetries, crop, stain, blur, cutout, those of plugins; or none.",
        group="augmentation",
    )
    mixing: Literal["none", "mixup", "cutmix"] = setting(
        "none", "Mix each image and its label with another image of the training part.", group="augmentation"
    )

    threshold: float | Literal["validation"] = setting(
        0.5,
        "Decision threshold of two classes: the second is predicted if its probability is above this number, or above "
        "the one with the highest balanced accuracy on the validation part.",
        group="training",
        above=0,
        below=1,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.augment == ("none",):
            object.__setattr__(self, "augment", ())
        if abs((total := sum(self.fractions)) - 1) > ROUNDING:
            raise SettingError("fractions", f"must add up to 1, not to {total:g}")
        if self.folds is not None and self.fold >= self.folds:
            raise SettingError("fold", f"must be below the number of folds, {self.folds}, not {self.fold}")
        if self.folds is None and self.fold:
            raise SettingError("fold", f"is {self.fold}, but folds is not given")

    def changed(self, changes: Mapping[str, Any]) -> Recipe:
        """Return the recipe with some settings changed; an unknown name is an error.

        A learning rate alone holds for every start: the recipe's own `lr_from_scratch` no longer does.
        """
        check_names(changes)
        own_rate = {"lr_from_scratch": None} if "lr" in changes else {}
        return replace(self, **{**own_rate, **changes})

    def starting_from(self, weights: str) -> Recipe:
        """Return the recipe with the learning rate for a network that starts from such weights.

        Args:
            weights: `scratch` for random weights, or what the network was trained on before.
        """
        if weights != "scratch" or self.lr_from_scratch is None:
            return self
        return replace(self, lr=self.lr_from_scratch)


def check_names(changes: Mapping[str, Any]) -> None:
    """Raise an UnknownNameError for a name that is not a setting of recipes."""
    check_known("recipe setting", changes, settings_of(Recipe))


def is_recipe_file(name: object) -> bool:
    """Return whether the name of a recipe is the path of a YAML file."""
    return str(name).endswith(SUFFIXES)


def read_recipe(path: Path) -> tuple[str | None, dict[str, Any]]:
    """Return the recipe that a YAML file names under `base`, or None, and the other values in the file."""
    file = YamlFile(path, hint="a recipe is a name that `zoo show NAME` prints, or a YAML file")
    pairs = file.pairs(file.root)
    base = pairs.pop(BASE, None)
    values = file.values(file.root, Recipe, ignore=(BASE,))
    for name, declared in settings_of(Recipe).items():
        if name in values:
            try:
                declared.checked(values[name])
            except SettingError as error:
                raise CatalogError(error.message, where=file.place(pairs[name])) from error
    if "name" in values and not is_name(values["name"]):
        raise CatalogError(name_error("recipe", values["name"]), where=file.place(pairs["name"]))
    return (file.text(base) if base is not None else None), values


def recipe_from_file(path: Path, known: Mapping[str, Recipe]) -> Recipe:
    """Return the recipe in a YAML file; it may name one of the known recipes under `base` and change its settings."""
    base, values = read_recipe(path)
    about: dict[str, Any] = {"name": path.stem, "summary": f"read from {path.name}", "readings": ()}
    about |= {key: values.pop(key) for key in ("name", "summary", "paper", "readings") if key in values}
    if base is None:
        return Recipe(**about).changed(values)
    return replace(look_up("recipe", base, known, where=str(path)), **about).changed(values)
