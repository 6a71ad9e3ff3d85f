"""The images of a training, their labels and their split. No torch here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zoo.data.manifest import Manifest
from zoo.data.pixels.prepare import Pixels, Prepared, prepare
from zoo.data.source_lookup import read_manifest
from zoo.data.split.leakage import find_leak
from zoo.data.split.policy import read_split_file
from zoo.data.split.split import PARTS, Split
from zoo.errors import TrainingError
from zoo.progress import Reporter
from zoo.training.plan import Plan


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """What there is to train on: images and labels by index, and which of them is in which part."""

    prepared: Prepared
    split: Split

    @classmethod
    def read(cls, plan: Plan, progress: Reporter) -> TrainingData:
        """Read and decode the data of a plan and split them; say which patients are on both sides."""
        data = plan.config.data
        manifest = read_manifest(plan.source, root=plan.root, options=plan.source_options, progress=progress)
        prepared = prepare(manifest, plan.blueprint.preprocessing, progress, store=data.store, tolerated=data.tolerate)
        manifest, file = prepared.manifest, plan.config.split_file
        split = read_split_file(file, manifest) if file else plan.split_policy.split(manifest)
        if leak := find_leak(manifest, split):
            progress.say(f"split by {split.unit}: {leak}")
        if plan.recipe.batch_size > len(split.train):
            raise TrainingError(
                f"a batch of {plan.recipe.batch_size} is larger than the training part, of {len(split.train)} images",
                hint="give a smaller --batch-size",
            )
        return cls(prepared=prepared, split=split)

    @property
    def manifest(self) -> Manifest:
        """The samples that could be read."""
        return self.prepared.manifest

    @property
    def pixels(self) -> Pixels:
        """Their decoded images."""
        return self.prepared.pixels

    @cached_property
    def labels(self) -> np.ndarray:
        """Each image's class as a number."""
        return np.array(self.manifest.labels)

    @property
    def keys(self) -> Sequence[str]:
        """Each image's name."""
        return [sample.key for sample in self.manifest.samples]

    @property
    def split_digest(self) -> str:
        """A hash that changes when any image moves to another part."""
        parts = {part: self.split.part(part) for part in PARTS}
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
