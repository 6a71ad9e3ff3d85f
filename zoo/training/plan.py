"""The plan of a training: every name in its configuration is looked up, every value checked, without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zoo.config.plain import plain
from zoo.config.preprocessing import check_preprocessing
from zoo.config.recipe import Recipe, recipe_from_file
from zoo.config.train_config import RECIPE, ModelConfig, TrainConfig, keywords
from zoo.data.manifest import Manifest
from zoo.data.source_lookup import all_options, find_source, read_manifest
from zoo.data.split.policy import SplitPolicy
from zoo.errors import UsageError
from zoo.progress import Reporter
from zoo.registry import Blueprint, Registry, registry
from zoo.spec import Scalar, Source


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The complete description of one training."""

    config: TrainConfig
    """The configuration, with the name of the data source and absolute paths."""
    blueprint: Blueprint
    """The model, with all its options and the image size of the recipe."""
    recipe: Recipe
    source: Source
    root: Path | None
    source_options: Mapping[str, Scalar]
    """Every option of the data source."""

    @property
    def split_policy(self) -> SplitPolicy:
        """How the data are split into parts."""
        recipe = self.recipe
        return SplitPolicy(
            how=recipe.split,
            fractions=recipe.fractions,
            seed=self.config.seed if self.config.split_seed is None else self.config.split_seed,
            folds=recipe.folds,
            fold=recipe.fold,
            identical=recipe.identical,
        )

    def manifest(self, progress: Reporter) -> Manifest:
        """Return the list of the images."""
        return read_manifest(self.source, root=self.root, options=self.source_options, progress=progress)

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting that is used, by its keyword and as a plain value; resume compares them."""
        values = {
            keyword: getattr(self.recipe, keyword) if part == RECIPE else self.config.value(keyword)
            for keyword, (part, _) in keywords().items()
        }
        values |= {
            "model": self.blueprint.name,
            "model_options": self.blueprint.options,
            "options": self.source_options,
            "recipe": self.recipe.name,
        }
        return {keyword: plain(value) for keyword, value in values.items()}


def make_plan(config: TrainConfig, *, recipe: Recipe | None = None) -> Plan:
    """Return the plan of a training: look up the model, the recipe and the data source, and check their options.

    Args:
        config: The configuration.
        recipe: The recipe of a run that is resumed; by default it is looked up.
    """
    catalog = registry()
    blueprint = catalog.model(config.model.name).with_options(config.model.options)
    config = with_absolute_paths(config)
    source, root = find_source(config.data.source, config.data.root, catalog.plugins.sources)
    options = all_options(source, config.data.options)
    if config.model.init == "imagenet" and not blueprint.architecture.pretrained:
        raise UsageError(
            f"there are no pretrained weights for {blueprint.name}", hint="use --init auto or --init scratch"
        )
    recipe = recipe or _recipe(config, blueprint, source, catalog)
    _check_augmentations(recipe, catalog)
    _check_effects(config, recipe)
    preprocessing = replace(
        blueprint.preprocessing,
        height=recipe.height or blueprint.preprocessing.height,
        width=recipe.width or blueprint.preprocessing.width,
    )
    check_preprocessing(preprocessing)
    blueprint.architecture.image_size.check(preprocessing.height, preprocessing.width)
    return Plan(
        config=config,
        blueprint=replace(blueprint, preprocessing=preprocessing),
        recipe=recipe,
        source=source,
        root=root,
        source_options=options,
    )


def _recipe(config: TrainConfig, blueprint: Blueprint, source: Source, catalog: Registry) -> Recipe:
    """Return the configured recipe, else that of the data source, else that of the model, with the given changes."""
    file = config.recipe_file
    if file is not None:
        recipe = recipe_from_file(file, catalog.catalog.recipes)
    else:
        recipe = catalog.recipe(config.recipe.name or source.recipe or blueprint.entry.recipe)
    return recipe.changed(config.recipe.changes)


def _check_augmentations(recipe: Recipe, catalog: Registry) -> None:
    """Raise an error if the recipe names an augmentation that does not exist, or one twice."""
    if len(set(recipe.augment)) < len(recipe.augment):
        raise UsageError(f"augment names one augmentation twice: {', '.join(recipe.augment)}")
    for name in recipe.augment:
        catalog.augmentation(name)


def _check_effects(config: TrainConfig, recipe: Recipe) -> None:
    """Raise a UsageError for a setting that would change nothing, because another one decides."""
    given = config.recipe.changes
    ineffective = {
        "fold": ("fold" in given and recipe.folds is None, "folds, the number of folds, is not given"),
        "fractions": ("fractions" in given and recipe.folds is not None, "folds decides the size of each part"),
        "early_rate": (
            given.get("early_rate", 1) < 1 and recipe.tune == "head",
            "tune is head: all layers that are trained have the full rate",
        ),
        "patience": (given.get("patience") and recipe.select == "last", "select is last: the last epoch is kept"),
    }
    if config.split_file is not None:
        why = "split_file decides which image is in which part"
        ineffective |= {
            "folds": (recipe.folds is not None, why),
            "fractions": ("fractions" in given, why),
            "split": (given.get("split") in ("patient", "image"), why),
            "split_seed": (config.split_seed is not None, why),
        }
    for keyword, (is_given, why) in ineffective.items():
        if is_given:
            raise UsageError(f"{keyword} has no effect, since {why}", hint="leave out one of the two")


def with_absolute_paths(config: TrainConfig) -> TrainConfig:
    """Return a configuration with absolute paths, and the name of the data source if only a path was given."""
    source, root = find_source(config.data.source, config.data.root, registry().plugins.sources)
    return replace(
        config,
        model=replace(config.model, init=_absolute_model(config.model)),
        data=replace(config.data, source=source.name, root=_absolute(root) if root else None),
        split_file=config.split_file.resolve() if config.split_file else None,
    )


def _absolute(root: Path) -> Path:
    """Return the absolute path of data. A link stays one: the paths in a table are relative to where it is named."""
    return root.parent.resolve() / root.name


def _absolute_model(model: ModelConfig) -> str | Path:
    """Return the initial weights of a configuration, with the absolute path of a trained model that is a folder."""
    try:
        if model.initial_model is not None and (path := Path(model.initial_model).expanduser()).exists():
            return path.resolve()
    except (OSError, RuntimeError):  # a name that is too long, or a home folder that is not known
        pass
    return model.init
