"""The split of a part: stated by a published file, of few images for a smoke run, or taken from a finished run."""

from __future__ import annotations

import csv
from collections.abc import Mapping

from zoo.benchmark.planned_part import PlannedPart
from zoo.benchmark.published_split import publish_split, published_parts
from zoo.config.benchmark_config import BenchmarkConfig
from zoo.data.manifest import Manifest
from zoo.data.split.split import PARTS, Split
from zoo.errors import RunError
from zoo.grid.smoke import few_images
from zoo.progress import Reporter
from zoo.runs import SPLIT, Run
from zoo.runs.grid_folder import GridFolder
from zoo.training.plan import make_plan


def stated_split(one: PlannedPart, config: BenchmarkConfig, progress: Reporter) -> tuple[Manifest, Mapping[str, str]]:
    """Return the images, and the part of each, of a part that is trained on a published split or on few images."""
    plan = make_plan(one.policy_config.train)
    manifest = plan.manifest(progress)
    if config.splits is not None:
        part_of = published_parts(config.splits / one.split_file.name, manifest, progress)
    else:
        part_of = _parts(manifest, few_images(manifest, plan.split_policy))
    if one.split_file.exists() and published_parts(one.split_file, manifest, progress) != part_of:
        raise RunError("it was started with another split", where=str(one.split_file), hint="choose another --out")
    return manifest, part_of


def publish_split_of_run(one: PlannedPart, progress: Reporter) -> None:
    """Publish the split of the first finished run of a part; of a cross-validation the folds, once all have a run."""
    folder = GridFolder(one.path)
    of_fold = {cell.fold: folder.run(cell) for cell in folder.finished}
    if not of_fold or len(of_fold) < (one.config.folds or 1):
        return
    manifest = make_plan(one.policy_config.train).manifest(progress)
    if one.config.folds is None:
        publish_split(one.split_file, manifest, _split_of(next(iter(of_fold.values()))), progress)
        return
    fold_of = {
        key: str(fold) for fold, run in of_fold.items() for key, part in _split_of(run).items() if part == "test"
    }
    publish_split(one.split_file, manifest, fold_of, progress, column="fold")


def _split_of(run: Run) -> dict[str, str]:
    """Return the part of each image by its name, as a run had it."""
    with (run.path / SPLIT).open(encoding="utf-8", newline="") as file:
        return {row["key"]: row["part"] for row in csv.DictReader(file)}


def _parts(manifest: Manifest, split: Split) -> dict[str, str]:
    """Return the part of each image by its name."""
    return {manifest.samples[index].key: part for part in PARTS for index in split.part(part)}
