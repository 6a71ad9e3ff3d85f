"""What a split must have for a training, and the check of it that needs no image.

Images may take hours to decode, so a split that the list of images alone shows to be impossible is refused before that.
Two things are known only afterwards: which images are identical, as that is a matter of their pixels, and which cannot
be read. Identical images that are kept together or left out can make a split impossible, but never possible.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from zoo.calibration.threshold import DEFAULT
from zoo.data.manifest import Manifest
from zoo.data.split.split import Split
from zoo.data.split.split_file import split_from_parts, stated_parts
from zoo.errors import TrainingError
from zoo.text import cut_short
from zoo.training.plan import Plan


def check_split(plan: Plan, manifest: Manifest) -> Split:
    """Return the split of all images as it is if none are identical; raise an error if there can be none.

    Args:
        plan: The plan of the training.
        manifest: All images, before any is read.
    """
    file = plan.config.split_file
    split = _stated_split(plan, manifest, file) if file else plan.split_policy.split(manifest)
    check_threshold(plan, manifest, split)
    return split


def _stated_split(plan: Plan, manifest: Manifest, file: Path) -> Split:
    """Return the split that a file states; it may lack unreadable images, as the split.csv of a run does."""
    part_of = stated_parts(file)
    named = tuple(sample for sample in manifest.samples if sample.key in part_of)
    lacking = len(manifest.samples) - len(named)
    if named and lacking <= plan.config.data.tolerate * len(manifest.samples):
        manifest = replace(manifest, samples=named)
    return split_from_parts(manifest, part_of, where=str(file), seed=0)


def check_batch_size(plan: Plan, split: Split) -> None:
    """Raise a TrainingError if the training part does not have enough images for one batch."""
    if plan.recipe.batch_size > len(split.train):
        raise TrainingError(
            f"a batch of {plan.recipe.batch_size} is larger than the training part, of {len(split.train)} images",
            hint="give a smaller --batch-size",
        )


def check_threshold(plan: Plan, manifest: Manifest, split: Split) -> None:
    """Raise a TrainingError if the recipe has a decision threshold that these data cannot have."""
    threshold, classes = plan.recipe.threshold, manifest.classes
    if threshold == DEFAULT:
        return
    if len(classes) != 2:
        raise TrainingError(
            f"a decision threshold needs two classes, and these data have {len(classes)}: {cut_short(classes, 4)}",
            hint="leave out --threshold: the class with the highest probability is predicted",
        )
    if threshold == "validation" and len({manifest.samples[index].label for index in split.val}) < 2:
        raise TrainingError(
            "the decision threshold cannot be chosen: the validation part does not have images of both classes",
            hint="change --fractions, or give a number with --threshold",
        )
