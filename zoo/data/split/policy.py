"""How to split a data set: by patient if the patients are known, unless the data or the user state otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zoo.config.recipe import Recipe
from zoo.data.manifest import Manifest
from zoo.data.split.split import Split, make_fold, make_split
from zoo.data.split.split_file import split_from_parts
from zoo.errors import DataError, UsageError

How = Literal["auto", "patient", "image", "fixed"]


@dataclass(frozen=True, kw_only=True)
class SplitPolicy:
    """How to split a data set. A policy splits the same data in the same way on every machine."""

    how: How = "auto"
    """`auto`: the split that comes with the data, else by patient if patients are known, else by image."""
    fractions: tuple[float, float, float] = Recipe.fractions
    seed: int = 0
    folds: int | None = None
    fold: int = 0

    def split(self, manifest: Manifest) -> Split:
        """Split a manifest; raise an error if the data do not allow it."""
        own = has_own_split(manifest)
        how = self.how
        if how == "auto":
            how = "fixed" if own else "patient" if manifest.groups else "image"
        if how == "fixed":
            if not own:
                raise DataError(
                    "these data do not come with a split",
                    where=manifest.name,
                    hint="they need train, val and test folders, or a table with a column split; or use --split-file",
                )
            if self.folds is not None:
                raise UsageError(
                    "these data come with a split, so cross-validation is not possible",
                    hint="ignore that split with --split patient or --split image",
                )
            return own_split(manifest, seed=self.seed)
        if self.folds is not None:
            return make_fold(manifest, unit=how, folds=self.folds, fold=self.fold, seed=self.seed)
        return make_split(manifest, unit=how, fractions=self.fractions, seed=self.seed)


def has_own_split(manifest: Manifest) -> bool:
    """Return whether the data come with a split, which means that every sample states its part."""
    return all("split" in sample.facts for sample in manifest.samples)


def own_split(manifest: Manifest, *, seed: int) -> Split:
    """Return the split that comes with the data."""
    part_of = {sample.key: sample.facts["split"] for sample in manifest.samples}
    return split_from_parts(manifest, part_of, where=manifest.name, seed=seed)
