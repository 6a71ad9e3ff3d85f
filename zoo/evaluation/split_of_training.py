"""The split that a model was trained with, where it is evaluated on the data of its training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from zoo.bundle.provenance import Provenance
from zoo.bundle.seen import Seen
from zoo.data.pixels.prepare import Prepared
from zoo.data.split.policy import SplitPolicy, has_own_split
from zoo.data.split.split import Split
from zoo.data.split.split_file import read_split_file
from zoo.errors import UsageError
from zoo.runs import SPLIT, Run

NOT_OF_TRAINING = "these are not the data of the training, or they are split in another way"


def split_of_training(
    prepared: Prepared, training: Provenance | None, seen: Seen | None, run: Run | None, *, file: Path | None
) -> Split | None:
    """Return the split of the training: from the table of its run, from a file, or made again from the seed.

    None for data that the model was not trained on, or whose split has changed since.

    Args:
        prepared: The data.
        training: What the model was trained on.
        seen: Its record of the images that it was trained and validated on.
        run: The run, if the model is one.
        file: The file that stated the split of the training, if it is given again.
    """
    if file is not None and (training is None or not training.split.file):
        raise UsageError("split_file has no effect: the training of this model took its split from no file")
    split = _stated_or_made(prepared, training, run, file) if training else None
    found = split if split and _was_trained_on(seen, split, prepared) else None
    if found is None and file is not None:
        raise UsageError(f"{NOT_OF_TRAINING} than in {file}")
    return found


def _stated_or_made(prepared: Prepared, training: Provenance, run: Run | None, file: Path | None) -> Split | None:
    """Return the split of the training if these are its data."""
    made = training.split
    if prepared.fingerprint != training.data.fingerprint:
        return None
    policy = SplitPolicy(
        how=made.unit,
        fractions=made.fractions,
        seed=made.seed,
        folds=made.folds,
        fold=made.fold,
        identical=training.recipe.identical,
    )
    stated = file or (run.path / SPLIT if run is not None and (run.path / SPLIT).is_file() else None)
    if stated is not None:
        split = read_split_file(stated, prepared.manifest)
        if file is not None:
            split = policy.accept(prepared.manifest, split, prepared.contents, where=str(file))
        return replace(split, unit=made.unit, seed=made.seed)
    if made.file:
        hint = "evaluate its run, or give that file as --split-file"
        raise UsageError("this model's split came from a file, which is not in its bundle", hint=hint)
    if made.unit == "fixed" and not has_own_split(prepared.manifest):
        return None
    return policy.split(prepared.manifest, prepared.contents)


def _was_trained_on(seen: Seen | None, split: Split, prepared: Prepared) -> bool:
    """Return whether a model was trained and validated on these parts of a split, by its record if it has one."""
    if seen is None or not len(seen.images):
        return True
    indices, contents, files = (*split.train, *split.val), prepared.contents, prepared.file_digests
    learned = {contents[index] for index in indices} | {files[index] for index in indices} - {None}
    recorded = seen.has_images(contents) | seen.has_images(files)
    expected = [content in learned or file in learned for content, file in zip(contents, files, strict=True)]
    return bool(np.array_equal(recorded, expected))
