"""Which images are evaluated: a part of the training's split, or of other data the images that the model has not seen.

An image is seen if the model was trained or validated on an identical image, or on an image of the same patient. What
the models had seen whose weights its training started from, it has seen too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo.bundle.provenance import TrainingSplit
from zoo.bundle.seen import Seen
from zoo.data.manifest import Manifest
from zoo.data.pixels.prepare import Prepared
from zoo.data.split.split import Split
from zoo.errors import DataError
from zoo.metrics.metrics_file import EvaluatedPart, Part, PatientsCompared, SeenImages
from zoo.registry import registry


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The images to evaluate."""

    indices: tuple[int, ...]
    part: EvaluatedPart
    seen: SeenImages | None
    """Those of the images that the model has seen; None for a model that was not trained."""


def part_of_training(
    prepared: Prepared, split: Split, made: TrainingSplit, part: Part, *, before: Seen | None
) -> Selection:
    """Return the images of one part of the split that a model was trained with.

    Of the test part, images are left out that a model had seen whose weights training started from.

    Args:
        prepared: The data that it was trained on.
        split: The split.
        made: How the split was made.
        part: The part.
        before: What that model had seen; None if training started from no trained model.
    """
    digests = prepared.contents
    if not split.part(part):
        raise DataError(f"the {part} part of this split has no images", where=prepared.manifest.name)
    left_out = None if before is None or part != "test" else seen_before(prepared, split.part(part), before)
    indices = tuple(index for index in split.part(part) if index not in (left_out or ()))
    if not indices:
        raise DataError(
            "the model whose weights training starts from has seen every image of the test part, or its patient",
            where=prepared.manifest.name,
            hint="test on patients that it has not seen, such as its own test part: give its split.csv as --split-file",
        )
    evaluated = EvaluatedPart(
        unit=split.unit,
        seed=split.seed,
        part=part,
        folds=made.folds,
        fold=made.fold if made.folds else None,
        file=made.file or None,
        left_out=None if left_out is None else len(left_out),
    )
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
            known=before is None or before.complete,
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


def seen_before(prepared: Prepared, indices: Sequence[int], before: Seen) -> set[int]:
    """Return which images a model had seen whose weights training started from, or an earlier one.

    Args:
        prepared: The data.
        indices: The images to search.
        before: What that model had seen, with the records of earlier ones.
    """
    source = prepared.manifest.source
    records = (before, *before.earlier)
    masks = [_find(prepared, record, compared_with(record.source, source)).images for record in records]
    return {index for index in indices if any(mask[index] for mask in masks)}


def compared_with(trained_on: str | None, source: str) -> PatientsCompared:
    """Return how patients are compared: those of the same name are the same, but not in two different known data sets.

    Args:
        trained_on: The data source of the images that were seen.
        source: The data source of the images to evaluate.
    """
    known = registry().plugins.sources
    if any(name is None or name not in known or known[name].any_data for name in (trained_on, source)):
        return "by name"
    return "by name" if trained_on == source else "another data set"


def unseen_images(
    prepared: Prepared, seen: Seen | None, *, trained_on: str | None, other_patients: bool, include_seen: bool
) -> Selection:
    """Return the images of a data set without those that a trained model has seen.

    Patients of the same name are the same, unless the two data sets are different ones that have no image in common.

    Args:
        prepared: The data.
        seen: What the model was trained and validated on; None if that is not known.
        trained_on: The data source that it was trained on; None if that is not known.
        other_patients: The patients of these data are other people, even where they have the same names.
        include_seen: Return all images.
    """
    name, count = prepared.manifest.name, len(prepared.manifest.samples)
    everything = EvaluatedPart(part="all")
    if seen is None:
        return Selection(indices=tuple(range(count)), part=everything, seen=SeenImages(known=False))

    def compared(source: str | None) -> PatientsCompared:
        return "other people" if other_patients else compared_with(source, prepared.manifest.source)

    records = [(seen, trained_on), *((record, record.source) for record in seen.earlier)]
    each = [_find(prepared, record, compared(source)) for record, source in records]
    either = np.any([one.images for one in each], axis=0)
    by_name = [one.patients for one in each if one.patients is not None]
    found = SeenImages(
        known=seen.complete,
        images=int(either.sum()),
        identical=int(np.any([one.identical for one in each], axis=0).sum()),
        patients=len(set().union(*by_name)) if by_name else None,
        compared="by name" if by_name else each[0].compared,
        measured=include_seen,
    )
    kept = np.arange(count) if include_seen else np.flatnonzero(~either)
    if not len(kept):
        raise DataError(f"no image is left to evaluate: {found}", where=name, hint=_remedies(found))
    return Selection(indices=tuple(kept.tolist()), part=everything, seen=found)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """The images of a data set that one record contains."""

    images: NDArray[np.bool_]
    """Those that are identical to one of the record, or of a patient in it."""
    identical: NDArray[np.bool_]
    patients: set[str] | None
    """The patients of these data that are in the record; None if patients were not compared."""
    compared: PatientsCompared


def _find(prepared: Prepared, record: Seen, compared: PatientsCompared) -> _Found:
    """Return the images that one record contains.

    Args:
        prepared: The data.
        record: The record, without its earlier ones.
        compared: Whether patients of the same name are the same. Patients of another data set are compared after all
            if it has an image in common with the record.
    """
    identical = record.has_images(prepared.contents) | record.has_images(prepared.file_digests)
    if compared == "another data set" and identical.any():
        compared = "by name"
    patients = _seen_patients(prepared.manifest, record) if compared == "by name" else None
    if patients is None:
        compared = "not known" if compared == "by name" else compared
        return _Found(images=identical, identical=identical, patients=None, compared=compared)
    same_patient = np.array([sample.group in patients for sample in prepared.manifest.samples])
    return _Found(images=identical | same_patient, identical=identical, patients=patients, compared=compared)


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
