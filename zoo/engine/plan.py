"""What a training will do, settled before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from zoo import typed
from zoo.data.reading import find_source
from zoo.data.splitting import Splitting
from zoo.errors import UsageError
from zoo.recipes import changed_recipe, plain
from zoo.registry import Blueprint, registry
from zoo.spec import Recipe, Scalar, Source

Init = Literal["auto", "imagenet", "scratch"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One training, completely described."""

    blueprint: Blueprint
    recipe: Recipe
    source: Source
    root: Path | None
    options: Mapping[str, Scalar]
    seed: int
    init: Init
    split_file: Path | None

    @property
    def splitting(self) -> Splitting:
        """What decides the split, together with the data."""
        recipe = self.recipe
        return Splitting(
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
            "recipe": plain(self.recipe),
        }


def make_plan(
    name: str,
    *,
    data: str,
    root: str | Path | None,
    options: Mapping[str, Scalar] | None,
    model_options: Mapping[str, Scalar] | None,
    recipe: str | None,
    init: Init,
    seed: int,
    split_file: str | Path | None,
    changes: Mapping[str, Any],
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
    chosen = changed_recipe(book.recipe(recipe or source.recipe or blueprint.entry.recipe), changes)
    return Plan(
        blueprint=replace(
            blueprint,
            preprocessing=replace(
                blueprint.preprocessing,
                height=chosen.height or blueprint.preprocessing.height,
                width=chosen.width or blueprint.preprocessing.width,
            ),
        ),
        recipe=chosen,
        source=source,
        root=place,
        options=options or {},
        seed=seed,
        init=init,
        split_file=Path(split_file) if split_file is not None else None,
    )
