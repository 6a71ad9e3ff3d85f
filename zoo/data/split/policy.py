"""How to split a data set: by patient if the patients are known, unless the data or the user state otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from zoo.config.recipe import Recipe
from zoo.data.identical_images import identical_sets
from zoo.data.manifest import Manifest
from zoo.data.split.identical import Identical, refuse_apart, without_copies
from zoo.data.split.owners import MAX_LISTED
from zoo.data.split.split import Split, make_fold, make_split
from zoo.data.split.split_file import split_from_parts
from zoo.errors import DataError, UsageError
from zoo.text import cut_short

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
    identical: Identical = Recipe.identical

    def split(self, manifest: Manifest, contents: Sequence[bytes | None] = ()) -> Split:
        """Split a manifest; raise an error if the data do not allow it.

        Args:
            manifest: The images.
            contents: Digests of their pixels, by which identical images are found; empty if they are not known.
        """
        own = has_own_split(manifest)
        how = self.how
        if how == "auto":
            how = "fixed" if own else "image" if len(manifest.without_group) == len(manifest.samples) else "patient"
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
            return self.accept(manifest, own_split(manifest, seed=self.seed), contents, where=manifest.name)
        sets = () if self.identical == "allow" else identical_sets(contents)
        kept = sets if self.identical == "together" else ()
        if self.folds is not None:
            split = make_fold(manifest, unit=how, folds=self.folds, fold=self.fold, seed=self.seed, sets=kept)
        else:
            split = make_split(manifest, unit=how, fractions=self.fractions, seed=self.seed, sets=kept)
        return without_copies(manifest, split, sets)

    def accept(self, manifest: Manifest, split: Split, contents: Sequence[bytes | None], *, where: str) -> Split:
        """Return a split that the data or a file state, or raise an error if it has identical images in several parts.

        Args:
            manifest: The images.
            split: The split.
            contents: Digests of their pixels.
            where: What states the split, for the error.
        """
        sets = identical_sets(contents)
        if self.identical == "together":
            refuse_apart(manifest, split, sets, where=where)
        return without_copies(manifest, split, sets) if self.identical == "exclude" else split


def has_own_split(manifest: Manifest) -> bool:
    """Return whether the data come with a split: samples state their parts."""
    return any("split" in sample.facts for sample in manifest.samples)


def own_split(manifest: Manifest, *, seed: int) -> Split:
    """Return the split that comes with the data; raise an error if samples do not state their part."""
    without = [repr(sample.key) for sample in manifest.samples if "split" not in sample.facts]
    if without:
        raise DataError(
            f"these data come with a split, but {len(without)} of {len(manifest.samples)} images are in none of its "
            f"parts: {cut_short(without, MAX_LISTED)}",
            where=manifest.name,
            hint="state the part of every image, or ignore that split with --split patient or --split image",
        )
    part_of = {sample.key: sample.facts["split"] for sample in manifest.samples}
    return split_from_parts(manifest, part_of, where=manifest.name, seed=seed)
