"""The configuration of a training: model, data, recipe, computing and output."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from zoo.config.fields import Configuration, Setting, setting, settings_of
from zoo.config.recipe import Recipe, check_names, is_recipe_file
from zoo.config.values import checked_argument
from zoo.errors import look_up
from zoo.spec import Choice, Layout, Precision, Scalar

INITIAL_WEIGHTS = ("auto", "imagenet", "scratch")
"""The words for initial weights; anything else is a trained model."""
TOLERATED = 0.01
"""The default share of images that may be unreadable; they are left out."""


@dataclass(frozen=True, kw_only=True)
class ModelConfig(Configuration):
    """The model and its initial weights."""

    name: str
    """The model's name in the registry."""
    options: Mapping[str, Scalar] = setting(
        dict,
        "Options of the architecture, such as depth=32; `zoo show NAME` lists them.",
        group="model",
        keyword="model_options",
        flags=("-m", "--model-option"),
    )
    init: str | Path = setting(
        "auto",
        "Initial weights: auto, imagenet, scratch, or a trained model: a run, a bundle or a Hub id. auto: pretrained "
        "weights if there are any and they can be downloaded, else from scratch.",
        group="model",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "init", str(self.init))
        object.__setattr__(self, "name", checked_argument("the name of a model", self.name, str))

    @property
    def initial_model(self) -> str | None:
        """The trained model whose weights training starts from; None if `init` is one of INITIAL_WEIGHTS."""
        return None if self.init in INITIAL_WEIGHTS else str(self.init)


@dataclass(frozen=True, kw_only=True)
class DataConfig(Configuration):
    """The data set, and how its images are read."""

    source: str = setting(
        "sample", "Data source (`zoo data list`), or a path whose layout is recognized.", group="data", keyword="data"
    )
    root: Path | None = setting(None, "Path of the folder or file with the data.", group="data", may_change=True)
    options: Mapping[str, Scalar] = setting(
        dict,
        "Options of the data source, such as magnification=40; `zoo data list NAME` lists them.",
        group="data",
        flags=("-o", "--option"),
    )
    store: bool = setting(
        True, "Decode each image once and keep it in the cache, or else decode it each time.", group="data"
    )
    tolerate: float = setting(
        TOLERATED, "Share of images that may be unreadable; they are left out.", group="data", at_least=0, at_most=1
    )


@dataclass(frozen=True, kw_only=True)
class RecipeConfig(Configuration):
    """The recipe, and changes to its settings."""

    name: str | None = setting(
        None,
        "Recipe: modern, quick, liu2023, guo2024, kim2023, one of a plugin, or a YAML file. Default: that of the "
        "model's paper (`zoo show NAME`), quick on the synthetic sample.",
        group="training",
        keyword="recipe",
    )
    changes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_names(self.changes)
        known = settings_of(Recipe)
        checked = {name: known[name].checked(value) for name, value in self.changes.items()}
        object.__setattr__(self, "changes", checked)


@dataclass(frozen=True, kw_only=True)
class ComputeConfig(Configuration):
    """The device, and how to compute on it. For auto, a value is chosen and printed."""

    device: str = setting("auto", "Device to compute on: auto, cpu, cuda, cuda:1 or mps.", group="computing")
    precision: Precision = setting(
        "auto", "Number format of training; auto: bfloat16 if the hardware supports it.", group="computing"
    )
    layout: Layout = setting("auto", "Memory layout of images and features.", group="computing")
    compile: Choice = setting("auto", "Use torch.compile; auto: if it saves time.", group="computing")
    cuda_graph: Choice = setting(
        "auto",
        "Replay each training step as one CUDA graph, which saves the time to launch its kernels; auto: on a single "
        "NVIDIA GPU, if the network does the same in every step.",
        group="computing",
    )
    resident: Choice = setting("auto", "Keep all images in the GPU's memory; auto: if they fit.", group="computing")
    sync_norm: Choice = setting(
        "auto",
        "Compute batch norm statistics over all processes; auto: if each has few images.",
        group="computing",
    )
    deterministic: bool = setting(
        False, "Give bit-identical results every time, also on a GPU, where that is slower.", group="computing"
    )


@dataclass(frozen=True, kw_only=True)
class SessionConfig(Configuration):
    """The folder of a run, how often it is saved, and the experiment tracker."""

    out: Path | None = setting(
        None,
        "Run folder; the next free runs/MODEL-DATA-N if not given, or runs/grid-N for many runs.",
        group="output",
    )
    save_every: float = setting(60.0, "Seconds between checkpoints.", group="output", at_least=0, may_change=True)
    track: Literal["none", "tensorboard", "trackio"] = setting(
        "none", "Experiment tracker to which every epoch is logged.", group="output", may_change=True
    )


@dataclass(frozen=True, kw_only=True)
class TrainConfig(Configuration):
    """The configuration of one training, as the user gives it."""

    model: ModelConfig
    data: DataConfig = DataConfig()
    recipe: RecipeConfig = RecipeConfig()
    compute: ComputeConfig = ComputeConfig()
    session: SessionConfig = SessionConfig()
    split_file: Path | None = setting(
        None,
        "CSV file with the part of each image, such as the split.csv of another run.",
        group="data",
        may_change=True,
    )
    seed: int = setting(0, "Random seed of the split and of training.", group="training", at_least=0, below=1 << 63)
    split_seed: int | None = setting(
        None,
        "Random seed of the split alone: all runs of --seeds then have the same split. --seed if not given.",
        group="training",
        at_least=0,
        below=1 << 63,
    )

    @classmethod
    def from_keywords(cls, model: str, given: Mapping[str, Any]) -> TrainConfig:
        """Return the configuration of a call such as `zoo.train("dala", epochs=3)`.

        Args:
            model: The model's name.
            given: Values by keyword; other settings have their defaults. An unknown keyword is an error that names
                the most similar one.
        """
        return cls(model=ModelConfig(name=model)).changed(given)

    def changed(self, given: Mapping[str, Any]) -> TrainConfig:
        """Return the configuration with some values changed, by keyword."""
        known = keywords()
        parts: dict[str, dict[str, Any]] = defaultdict(dict)
        for keyword, value in given.items():
            part, declared = look_up("option", keyword, known)
            parts[part][declared.field if part != RECIPE else keyword] = value
        changed: dict[str, Any] = parts.pop("", {})
        if RECIPE in parts:
            changes = {**self.recipe.changes, **parts.pop(RECIPE)}
            name = parts.pop("recipe", {}).get("name", self.recipe.name)
            changed["recipe"] = RecipeConfig(name=name, changes=changes)
        for part, values in parts.items():
            changed[part] = replace(getattr(self, part), **values)
        return replace(self, **changed)

    def value(self, keyword: str) -> Any:
        """Return the value of a keyword; for a setting of the recipe, None unless it is changed."""
        part, declared = keywords()[keyword]
        if part == RECIPE:
            return self.recipe.changes.get(keyword)
        return getattr(getattr(self, part) if part else self, declared.field)

    @property
    def changeable(self) -> dict[str, Any]:
        """The settings that a resumed run may have other values of, by keyword."""
        return {keyword: self.value(keyword) for keyword, (_, declared) in keywords().items() if declared.may_change}

    @property
    def recipe_file(self) -> Path | None:
        """The YAML file with the recipe; None for a recipe in the registry."""
        name = self.recipe.name
        return Path(name) if name is not None and is_recipe_file(name) else None


RECIPE = "recipe.changes"
"""The part of a configuration that contains changed settings of the recipe."""


@cache
def keywords() -> Mapping[str, tuple[str, Setting]]:
    """Return every setting of a training by its keyword, with the part of the configuration that it is in."""
    settings: dict[str, tuple[str, Setting]] = {}
    parts: dict[str, type] = {
        "model": ModelConfig,
        "data": DataConfig,
        "recipe": RecipeConfig,
        "compute": ComputeConfig,
        "session": SessionConfig,
        "": TrainConfig,
        RECIPE: Recipe,
    }
    for part, kind in parts.items():
        settings |= {keyword: (part, declared) for keyword, declared in settings_of(kind).items()}
    return settings
