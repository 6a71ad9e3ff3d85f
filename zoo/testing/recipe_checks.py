"""The check that a network fits the recipe of its row."""

from __future__ import annotations

from dataclasses import replace

from zoo.errors import PluginError, did_you_mean
from zoo.registry import registry
from zoo.testing.case import Case


def fits_its_recipe(case: Case) -> None:
    """The recipe of the registry row can be used: its augmentations exist, and the network accepts its image size."""
    recipe = registry().recipe(case.blueprint.entry.recipe)
    for name in recipe.augment:
        known = registry().plugins.augmentations
        if name not in known:
            raise PluginError(
                f"the recipe {recipe.name} names an unknown augmentation {name!r}", hint=did_you_mean(name, known)
            )
    if recipe.height is None and recipe.width is None:
        return
    _ = case.logits  # raises an error in forward itself, before the size is blamed
    own = case.blueprint.preprocessing
    size = replace(own, height=recipe.height or own.height, width=recipe.width or own.width)
    try:
        case.run(case.classifier, Case(replace(case.blueprint, preprocessing=size)).batch())
    except PluginError as error:
        raise PluginError(
            f"the recipe {recipe.name} trains with images of {size.height}x{size.width}: {error.message}",
            where=error.where,
            hint="set height and width of the recipe, or choose another recipe for the row",
        ) from error
