"""What a training will do, settled before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from zoo.config import values as typed
from zoo.config.recipe import changed_recipe, plain
from zoo.config.recipe_file import read_recipe
from zoo.data.augmentation import AUGMENTATIONS
from zoo.data.pixels.prepare import TOLERATED
from zoo.data.source_lookup import find_source
from zoo.data.split.policy import SplitPolicy
from zoo.errors import UnknownNameError, UsageError
from zoo.registry import Blueprint, Registry, registry
from zoo.spec import Recipe, Scalar, Source
from zoo.training.compute_config import ComputeConfig

Init = Literal["auto", "imagenet", "scratch"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One training, completely described."""

    blueprint: Blueprint
    model_options: Mapping[str, Scalar]
    """Those of the architecture's that were chosen otherwise than the entry does."""
    recipe: Recipe
    source: Source
    root: Path | None
    options: Mapping[str, Scalar]
    seed: int
    init: Init
    split_file: Path | None
    store: bool
    tolerate: float
    compute_config: ComputeConfig

    @property
    def split_policy(self) -> SplitPolicy:
        """What decides the split, together with the data."""
        recipe = self.recipe
        return SplitPolicy(
            how=recipe.split, fractions=recipe.fractions, seed=self.seed, folds=recipe.folds, fold=recipe.fold
        )

    def as_dict(self) -> dict[str, Any]:
        """Everything needed to do it again, as plain values."""
        return {
            "model": self.blueprint.name,
            "model_options": dict(self.blueprint.options),
            "data": self.source.name,
            "root": str(self.root.resolve()) if self.root else None,
            "options": dict(self.options),
            "seed": self.seed,
            "init": self.init,
            "split_file": str(self.split_file.resolve()) if self.split_file else None,
            "store": self.store,
            "tolerate": self.tolerate,
            "recipe": plain(self.recipe),
            "preprocessing": plain(self.blueprint.preprocessing),
            "computing": self.compute_config.as_dict(),
        }


def make_plan(
    name: str,
    *,
    data: str = "sample",
    root: str | Path | None = None,
    options: Mapping[str, Scalar] | None = None,
    model_options: Mapping[str, Scalar] | None = None,
    recipe: str | Recipe | None = None,
    init: Init = "auto",
    seed: int = 0,
    split_file: str | Path | None = None,
    store: bool = True,
    tolerate: float = TOLERATED,
    compute_config: ComputeConfig | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Plan:
    """Look every name up and check every value."""
    book = registry()
    blueprint = book.model(name).with_options(model_options or {})
    source, place = find_source(data, root, book.plugins.sources)
    if init not in get_args(Init):
        raise UsageError(f"init must be {typed.describe(Init)}, not {init!r}")
    if not 0 <= seed < 1 << 63:
        raise UsageError(f"seed must be from 0 up to 2^63, not {seed}")
    if init == "imagenet" and not blueprint.architecture.pretrained:
        raise UsageError(f"there are no pretrained weights for {name}", hint="use --init auto or --init scratch")
    chosen = changed_recipe(_recipe(recipe or source.recipe or blueprint.entry.recipe, book), changes or {})
    for augmentation in chosen.augment:
        if augmentation not in AUGMENTATIONS:
            raise UnknownNameError("augmentation", augmentation, AUGMENTATIONS)
    return Plan(
        blueprint=replace(
            blueprint,
            preprocessing=replace(
                blueprint.preprocessing,
                height=chosen.height or blueprint.preprocessing.height,
                width=chosen.width or blueprint.preprocessing.width,
            ),
        ),
        model_options=model_options or {},
        recipe=chosen,
        source=source,
        root=place,
        options=options or {},
        seed=seed,
        init=init,
        split_file=Path(split_file) if split_file is not None else None,
        store=store,
        tolerate=tolerate,
        compute_config=compute_config or ComputeConfig(),
    )


def _recipe(named: str | Recipe, book: Registry) -> Recipe:
    """By its name, or read from a file, which may change another that it names."""
    if isinstance(named, Recipe):
        return named
    if not named.endswith((".yaml", ".yml")):
        return book.recipe(named)
    base, values = read_recipe(Path(named))
    about: dict[str, Any] = {"name": Path(named).stem, "summary": f"read from {Path(named).name}", "readings": ()}
    about |= {key: values.pop(key) for key in ("name", "summary", "paper", "readings") if key in values}
    start = replace(book.recipe(base), **about) if base else Recipe(**about)
    return changed_recipe(start, values)
