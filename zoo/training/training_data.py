"""The data of a training: decoded images, labels and split, without torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zoo.bundle.seen import Seen
from zoo.data.identical_images import identical_sets
from zoo.data.manifest import Manifest
from zoo.data.patient_names import equal_names
from zoo.data.pixels.prepare import Pixels, Prepared, prepare
from zoo.data.split.identical import identical_messages
from zoo.data.split.leakage import find_leak
from zoo.data.split.split import PARTS, Split
from zoo.data.split.split_file import read_split_file
from zoo.data.split.unknown_patients import unknown_patients
from zoo.progress import Reporter
from zoo.text import cut_short
from zoo.training.plan import Plan
from zoo.training.split_check import check_batch_size, check_split, check_threshold

MAX_LISTED = 3
"""How many patients with several names are listed."""


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """Images and labels by index, and the part that each image is in."""

    prepared: Prepared
    split: Split

    @classmethod
    def read(cls, plan: Plan, progress: Reporter) -> TrainingData:
        """Read, decode and split the data of a plan, and report identical images and leaks."""
        data = plan.config.data
        manifest = plan.manifest(progress)
        split = check_split(plan, manifest)
        check_batch_size(plan, split)
        prepared = prepare(manifest, plan.blueprint.preprocessing, progress, store=data.store, tolerated=data.tolerate)
        manifest, file = prepared.manifest, plan.config.split_file
        policy, contents = plan.split_policy, prepared.contents
        identical = identical_sets(contents)
        if file:
            split = policy.accept(manifest, read_split_file(file, manifest), contents, where=str(file))
        elif identical or prepared.unreadable:
            split = policy.split(manifest, contents)
        if several := equal_names(manifest.spellings):
            names = cut_short(several, MAX_LISTED)
            progress.say(f"patients whose name is written in several ways are taken for one: {names}")
        for line in identical_messages(manifest, split, identical):
            progress.say(line)
        if leak := find_leak(manifest, split, contents):
            progress.say(f"split by {split.unit}: {leak}")
        if split.unit == "image" and (unknown := unknown_patients(manifest)):
            progress.say(f"split by image: {unknown}")
        check_batch_size(plan, split)
        check_threshold(plan, manifest, split)
        return cls(prepared=prepared, split=split)

    def seen(self, before: Seen | None = None) -> Seen:
        """Return the record of the images that a model is trained and validated on, and of their patients.

        Args:
            before: What a model had seen whose weights training started from.
        """
        indices = (*self.split.train, *self.split.val)
        files, contents, samples = self.prepared.file_digests, self.prepared.contents, self.manifest.samples
        patients = {group for index in indices if (group := samples[index].group) is not None}
        digests = [digest for index in indices for digest in (files[index], contents[index]) if digest is not None]
        seen = Seen.record(digests, patients or None)
        return seen if before is None else seen.after(before)

    @property
    def manifest(self) -> Manifest:
        """The list of all samples that could be read."""
        return self.prepared.manifest

    @property
    def pixels(self) -> Pixels:
        """The decoded images."""
        return self.prepared.pixels

    @cached_property
    def labels(self) -> np.ndarray:
        """The class of each image, as a number."""
        return np.array(self.manifest.labels)

    @property
    def keys(self) -> Sequence[str]:
        """The name of each image."""
        return [sample.key for sample in self.manifest.samples]

    @property
    def split_digest(self) -> str:
        """A hash of the split, which changes when an image is moved to another part."""
        parts = {part: self.split.part(part) for part in PARTS}
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
