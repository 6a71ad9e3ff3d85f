"""Which images are evaluated: a part of the training's split, or of other data the images that the model has not seen.

An image is seen if the model was trained or validated on an identical image, or on an image of the same patient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoo.bundle.provenance import TrainingSplit
from zoo.bundle.seen import Seen
from zoo.data.manifest import Manifest
from zoo.data.pixels.prepare import Prepared
from zoo.data.split.split import Split
from zoo.errors import DataError
from zoo.metrics.metrics_file import Comparison, EvaluatedPart, Part, SeenImages


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The images to evaluate."""

    indices: tuple[int, ...]
    part: EvaluatedPart
    seen: SeenImages | None
    """Those of the images that the model has seen; None for a model that was not trained."""


def part_of_training(prepared: Prepared, split: Split, made: TrainingSplit, part: Part) -> Selection:
    """Return the images of one part of the split that a model was trained with.

    Args:
        prepared: The data that it was trained on.
        split: The split.
        made: How the split was made.
        part: The part.
    """
    evaluated = EvaluatedPart(
        unit=split.unit,
        seed=split.seed,
        part=part,
        folds=made.folds,
        fold=made.fold if made.folds else None,
        file=made.file or None,
    )
    indices, digests = split.part(part), prepared.contents
    if not indices:
        raise DataError(f"the {part} part of this split has no images", where=prepared.manifest.name)
    learned = (*split.train, *split.val)
    samples = prepared.manifest.samples
    files = {digests[index] for index in learned} - {None}
    patients = {samples[index].group for index in learned} - {None}
    identical = [digests[index] in files for index in indices]
    same_patient = [samples[index].group in patients for index in indices]
    return Selection(
        indices=indices,
        part=evaluated,
        seen=SeenImages(
            known=True,
            images=sum(map(max, identical, same_patient)),
            identical=sum(identical),
            patients=len({samples[index].group for index in indices} & patients) if patients else None,
            compared="by name" if patients else "not known",
            measured=True,
        ),
    )


def all_images(prepared: Prepared) -> Selection:
    """Return all images of a data set, for a model that was not trained."""
    return Selection(indices=tuple(range(len(prepared.manifest.samples))), part=EvaluatedPart(part="all"), seen=None)


def unseen_images(prepared: Prepared, seen: Seen | None, *, compared: Comparison, include_seen: bool) -> Selection:
    """Return the images of a data set without those that a trained model has seen.

    Args:
        prepared: The data.
        seen: What the model was trained and validated on; None if that is not known.
        compared: Whether patients of the same name are the same. Patients of another data set are compared after all
            if it has an image in common with the training.
        include_seen: Return all images.
    """
    name, count = prepared.manifest.name, len(prepared.manifest.samples)
    everything = EvaluatedPart(part="all")
    if seen is None:
        return Selection(indices=tuple(range(count)), part=everything, seen=SeenImages(known=False))
    identical = seen.has_images(prepared.contents) | seen.has_images(prepared.file_digests)
    if compared == "another data set" and identical.any():
        compared = "by name"
    patients = _seen_patients(prepared.manifest, seen) if compared == "by name" else None
    either = identical
    if patients is not None:
        either = identical | np.array([sample.group in patients for sample in prepared.manifest.samples])
    elif compared == "by name":
        compared = "not known"
    found = SeenImages(
        known=True,
        images=int(either.sum()),
        identical=int(identical.sum()),
        patients=None if patients is None else len(patients),
        compared=compared,
        measured=include_seen,
    )
    kept = np.arange(count) if include_seen else np.flatnonzero(~either)
    if not len(kept):
        raise DataError(f"no image is left to evaluate: {found}", where=name, hint=_remedies(found))
    return Selection(indices=tuple(kept.tolist()), part=everything, seen=found)


def _seen_patients(manifest: Manifest, seen: Seen) -> set[str] | None:
    """Return the patients that a model has seen, by name; None if patients are not known."""
    names = sorted({sample.group for sample in manifest.samples if sample.group is not None})
    if not names or seen.patients is None:
        return None
    return {name for name, found in zip(names, seen.has_patients(names), strict=True) if found}


def _remedies(found: SeenImages) -> str:
    """Return what to do if all images were seen."""
    remedies = ["evaluate other images"]
    if found.images > found.identical:
        remedies.append("--other-patients if these are other people than those of the training")
    return "; ".join([*remedies, "or --include-seen to measure them all: the results are then marked as leaked"])
