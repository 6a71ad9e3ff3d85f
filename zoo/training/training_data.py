"""What a plan needs of the data: images that open, and who is in which part. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.data.pixels.prepare import Prepared, prepare
from zoo.data.source_lookup import read_manifest
from zoo.data.split.leakage import find_leak
from zoo.data.split.split import Split
from zoo.data.split.split_file import read_split_file
from zoo.errors import TrainingError
from zoo.progress import Reporter
from zoo.training.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Material:
    """Images and their split."""

    prepared: Prepared
    split: Split

    @classmethod
    def of(cls, plan: Plan, progress: Reporter) -> Material:
        """Read and decode the data, and decide the split; what leaks is said."""
        manifest = read_manifest(plan.source, root=plan.root, options=plan.options, progress=progress)
        prepared = prepare(manifest, plan.blueprint.preprocessing, progress, store=plan.store, tolerated=plan.tolerate)
        manifest = prepared.manifest
        split = read_split_file(plan.split_file, manifest) if plan.split_file else plan.split_policy.split(manifest)
        if leak := find_leak(manifest, split):
            progress.say(f"split by {split.unit}: {leak}")
        if plan.recipe.batch_size > len(split.train):
            raise TrainingError(
                f"a batch of {plan.recipe.batch_size} is larger than the training part, of {len(split.train)} images",
                hint="give a smaller --batch-size",
            )
        return cls(prepared=prepared, split=split)
