"""The test parts that several models have in common, and the images of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo.bundle.provenance import TrainingSplit
from zoo.comparison.compared_model import ComparedModel
from zoo.comparison.measured_run import MeasuredRun
from zoo.errors import UsageError
from zoo.metrics.paired import TestPart
from zoo.metrics.trainings import trainings_in_words
from zoo.text import counted


@dataclass(frozen=True, kw_only=True)
class CommonPart:
    """The trainings of all models that were measured on the same images, and the numbers of these."""

    runs: tuple[tuple[MeasuredRun, ...], ...]
    """The trainings of each model."""
    images: NDArray[np.int64]
    """The number of each image among those of all parts."""
    units: NDArray[np.int64]
    """The number of each patient, in the order of their names, among those of all parts; without patients `images`."""

    def of(self, first: int, second: int) -> TestPart:
        """Return the trainings of two of the models."""
        runs = (*self.runs[first], *self.runs[second])
        sizes = [run.config.training.split.images for run in runs if run.config.training]
        return TestPart(
            first=[run.training for run in self.runs[first]],
            second=[run.training for run in self.runs[second]],
            units=self.units,
            held_out=max((size.test / size.train for size in sizes if size.train), default=0.0),
        )


@dataclass(frozen=True, kw_only=True)
class CommonParts:
    """The test parts that all models were measured on."""

    parts: tuple[CommonPart, ...]
    keys: tuple[str, ...]
    """The images of all parts."""
    labels: NDArray[np.int64]
    patients: int | None
    left_out: tuple[str, ...]
    """The runs that were measured on images that not all models were measured on."""

    @property
    def trainings(self) -> str:
        """How often the models were trained, as text."""
        models = [[run for part in self.parts for run in part.runs[model]] for model in range(len(self.parts[0].runs))]
        counts = sorted({len(runs) for runs in models})
        splits = [{_trained_on(run) for run in runs} for runs in models]
        of_all = max(len(set().union(*splits)), len(self.parts))
        fewest = f"{counts[0]} to " if len(counts) > 1 else ""
        if fewest or any(one != splits[0] for one in splits):
            which = "one split" if of_all == 1 else f"{of_all} splits"
            return f"{fewest}{counted(counts[-1], 'training')} of each model on {which}"
        made = [run.config.training.split for run in models[0] if run.config.training]
        folds = {split.fold for split in made if split.folds is not None}
        if len(folds) < 2:
            return trainings_in_words(seeds=counts[0], folds=None, splits=of_all)
        seeds = {run.metrics.training_seed for run in models[0]}
        return trainings_in_words(seeds=len(seeds), folds=len(folds), splits=of_all)


def _trained_on(run: MeasuredRun) -> tuple[str, TrainingSplit] | None:
    """Return the data of a training and their split, which is not seen from images that are of other data."""
    training = run.config.training
    return None if training is None else (training.data.fingerprint, training.split)


def common_parts(models: Sequence[ComparedModel]) -> CommonParts:
    """Return the test parts that all models were measured on; raise a UsageError if there are none."""
    _check_classes(models)
    found = [{run.part for run in model.runs} for model in models]
    common = sorted(set.intersection(*found))
    if not common:
        raise _different_images(models)
    of_images = {key: number for number, key in enumerate(sorted({key for _, keys in common for key in keys}))}
    first = [next(run for run in models[0].runs if run.part == part) for part in common]
    known = all(run.groups is not None for run in first)
    names = sorted({name for run in first for name in run.groups or ()}) if known else list(of_images)
    of_names = {name: number for number, name in enumerate(names)}
    labels = np.zeros(len(of_images), dtype=np.int64)
    parts = []
    for part, run in zip(common, first, strict=True):
        images = np.array([of_images[key] for key in run.keys], dtype=np.int64)
        labels[images] = run.labels
        units = [of_names[name] for name in sorted(set(run.groups))] if known and run.groups else images
        parts.append(
            CommonPart(
                runs=tuple(tuple(run for run in model.runs if run.part == part) for model in models),
                images=images,
                units=np.array(units, dtype=np.int64),
            )
        )
    return CommonParts(
        parts=tuple(parts),
        keys=tuple(of_images),
        labels=labels,
        patients=len(names) if known else None,
        left_out=tuple(run.path for model in models for run in model.runs if run.part not in common),
    )


def _check_classes(models: Sequence[ComparedModel]) -> None:
    """Raise a UsageError unless all models have the same classes in the same order."""
    first = models[0].runs[0]
    for run in (run for model in models for run in model.runs):
        one, other = first.metrics.measures.classes, run.metrics.measures.classes
        if one != other:
            differ = "the same classes in another order" if sorted(one) == sorted(other) else "different classes"
            raise UsageError(f"{first.path} and {run.path} have {differ}: {', '.join(one)}, and {', '.join(other)}")


def _different_images(models: Sequence[ComparedModel]) -> UsageError:
    """Return the error for models of which no two, or not all, were measured on the same images."""
    first = models[0]
    other = next(
        (other for other in models[1:] if not {run.part for run in first.runs} & {run.part for run in other.runs}), None
    )
    hint = (
        "train all with the same split (the same --split-seed or --seed, and --recipe or --fractions; or one "
        "--split-file), or give --data: images that none of them has seen"
    )
    if other is None:
        return UsageError("there is no test part that all of these models were measured on", hint=hint)
    one, two = first.runs[0], other.runs[0]
    same_data = one.metrics.data.fingerprint == two.metrics.data.fingerprint
    common = len(set(one.keys) & set(two.keys)) if same_data else 0
    return UsageError(
        f"{one.path} and {two.path} were measured on different images: {len(one.keys):,} and {len(two.keys):,}, "
        f"with {common:,} in common",
        hint=hint,
    )
