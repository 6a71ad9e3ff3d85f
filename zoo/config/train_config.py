"""Everything that a training can be told: model, data, recipe, computing and output."""

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
from zoo.errors import UnknownNameError
from zoo.spec import Choice, Layout, Precision, Scalar

Init = Literal["auto", "imagenet", "scratch"]
TOLERATED = 0.01
"""The share of unreadable images up to which work goes on without them."""


@dataclass(frozen=True, kw_only=True)
class ModelConfig(Configuration):
    """Which network, and the weights it starts from."""

    name: str
    """The model's name in the registry."""
    options: Mapping[str, Scalar] = setting(
        dict,
        "Options of the architecture, such as depth=32; `zoo show NAME` lists them.",
        group="model",
        keyword="model_options",
        flags=("-m", "--model-option"),
    )
    init: Init = setting(
        "auto",
        "Initial weights. auto: pretrained weights where there are any and they can be downloaded, else from scratch.",
        group="model",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "name", checked_argument("the name of a model", self.name, str))


@dataclass(frozen=True, kw_only=True)
class DataConfig(Configuration):
    """Which images, and how they are read."""

    source: str = setting(
        "sample", "Data source (`zoo data list`), or a path whose layout is recognised.", group="data", keyword="data"
    )
    root: Path | None = setting(None, "Path of the data.", group="data")
    options: Mapping[str, Scalar] = setting(
        dict, "Options of the data source, such as magnification=40.", group="data", flags=("-o", "--option")
    )
    store: bool = setting(True, "Decode each image once into the cache, or every time it is read.", group="data")
    tolerate: float = setting(TOLERATED, "Share of images that may be unreadable.", group="data", at_least=0, at_most=1)


@dataclass(frozen=True, kw_only=True)
class RecipeConfig(Configuration):
    """Which recipe, and the settings of it that are given another value."""

    name: str | None = setting(
        None,
        "Recipe: a name, or a YAML file. `zoo show NAME` prints the model's own, which is the default.",
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
    """On which device and how to compute. What is left at auto is chosen, and the choice is printed."""

    device: str = setting("auto", "auto, cpu, cuda, cuda:1, mps.", group="computing")
    precision: Precision = setting(
        "auto", "Number format of training; auto: bfloat16 where the hardware has it.", group="computing"
    )
    layout: Layout = setting("auto", "Memory layout of images.", group="computing")
    compile: Choice = setting("auto", "Use torch.compile; auto: where it saves time.", group="computing")
    resident: Choice = setting("auto", "Keep all images in the GPU's memory; auto: if they fit.", group="computing")
    sync_norm: Choice = setting(
        "auto",
        "Batch norm statistics over all processes; auto: where each has few images.",
        group="computing",
    )
    deterministic: bool = setting(
        False, "Same result to the last bit every time, on a GPU too; slower there.", group="computing"
    )


@dataclass(frozen=True, kw_only=True)
class SessionConfig(Configuration):
    """Where a run is saved, how often, and what follows it."""

    out: Path | None = setting(
        None,
        "Run folder; the next free runs/MODEL-DATA-N if not given, or runs/grid-N for many runs.",
        group="output",
    )
    save_every: float = setting(60.0, "Seconds between two checkpoints.", group="output", at_least=0, may_change=True)
    track: Literal["none", "tensorboard", "trackio"] = setting(
        "none", "Experiment tracker that follows the epochs.", group="output", may_change=True
    )


@dataclass(frozen=True, kw_only=True)
class TrainConfig(Configuration):
    """One training, as it was asked for."""

    model: ModelConfig
    data: DataConfig = DataConfig()
    recipe: RecipeConfig = RecipeConfig()
    compute: ComputeConfig = ComputeConfig()
    session: SessionConfig = SessionConfig()
    split_file: Path | None = setting(
        None, "Table that says which image is in which part, such as a run's split.csv.", group="data"
    )
    seed: int = setting(0, "Random seed of the split and of training.", group="training", at_least=0, below=1 << 63)

    @classmethod
    def from_keywords(cls, model: str, given: Mapping[str, Any]) -> TrainConfig:
        """Return the configuration of a call such as `zoo.train("dala", epochs=3)`.

        Args:
            model: The model's name.
            given: Values by keyword; what is not given has its default. An unknown keyword is an error that names the
                closest known one.
        """
        return cls(model=ModelConfig(name=model)).changed(given)

    def changed(self, given: Mapping[str, Any]) -> TrainConfig:
        """Return the configuration with some values changed, by keyword."""
        known = keywords()
        parts: dict[str, dict[str, Any]] = defaultdict(dict)
        for keyword, value in given.items():
            if keyword not in known:
                raise UnknownNameError("option", keyword, known)
            part, one = known[keyword]
            parts[part][one.field if part != RECIPE else keyword] = value
        changed: dict[str, Any] = parts.pop("", {})
        if RECIPE in parts:
            changes = {**self.recipe.changes, **parts.pop(RECIPE)}
            name = parts.pop("recipe", {}).get("name", self.recipe.name)
            changed["recipe"] = RecipeConfig(name=name, changes=changes)
        for part, values in parts.items():
            changed[part] = replace(getattr(self, part), **values)
        return replace(self, **changed)

    def value(self, keyword: str) -> Any:
        """Return the value of a keyword; for a setting of the recipe, the one given here, or None."""
        part, one = keywords()[keyword]
        if part == RECIPE:
            return self.recipe.changes.get(keyword)
        return getattr(getattr(self, part) if part else self, one.field)

    @property
    def recipe_file(self) -> Path | None:
        """The YAML file that the recipe is read from, if it is."""
        name = self.recipe.name
        return Path(name) if name is not None and is_recipe_file(name) else None


RECIPE = "recipe.changes"
"""The part of a configuration that holds settings of the recipe."""


@cache
def keywords() -> Mapping[str, tuple[str, Setting]]:
    """Every setting of a training by its keyword, with the part of the configuration that holds it."""
    found: dict[str, tuple[str, Setting]] = {}
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
        found |= {keyword: (part, one) for keyword, one in settings_of(kind).items()}
    return found
