"""Predictions for any number of images as a CSV or Parquet file, by one process or several."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from zoo.batch_prediction.ensemble import Ensemble
from zoo.batch_prediction.image_paths import ImagePaths
from zoo.batch_prediction.parquet import require_pyarrow
from zoo.batch_prediction.predict import only_first_pages, predict_files
from zoo.batch_prediction.prediction_table import HINT, PredictionTable
from zoo.device import choose_compute, choose_device
from zoo.distributed.world import World, local_device, open_world
from zoo.files import refuse_existing
from zoo.progress import Reporter, Silent


@dataclass(frozen=True, kw_only=True)
class TableWritten:
    """What a finished table holds."""

    images: int
    failed: int
    """How many images could not be predicted; their rows say why."""


def write_predictions_table(
    models: Sequence[str | Path],
    images: str | Path | Sequence[str | Path],
    table: Path,
    *,
    parquet: bool = False,
    symmetries: bool = False,
    coverage: float | None = None,
    threshold: float | Literal["validation"] | None = None,
    batch_size: int | None = None,
    device: str = "auto",
    progress: Reporter | None = None,
) -> TableWritten:
    """Write a row for each image, in the order of the images; the same call continues an unfinished table.

    Args:
        models: Run folders, bundle folders or Hub ids; the class probabilities of several are averaged.
        images: Files, folders and patterns.
        table: The file to write, which must not exist.
        parquet: Write Parquet in place of CSV.
        symmetries: Average over the symmetries of each image.
        coverage: Write the prediction sets of this coverage, too.
        threshold: The decision threshold of two classes; by default the model's own.
        batch_size: How many images go through the network at once; by default 32, and on a GPU by their size.
        device: `auto`, `cpu`, `cuda`, or a torch device such as `cuda:1`.
        progress: Shows progress and messages.
    """
    if parquet:
        require_pyarrow()
        refuse_existing(table, hint=HINT)
    compute = choose_compute(str(local_device(choose_device(device))), "float32")
    with open_world(compute.device) as world:
        reporter = progress if progress is not None and world.chief else Silent()
        paths = ImagePaths.of(images)
        count, listing = paths.count()
        world.check_equal("images", listing)
        ensemble = Ensemble(
            list(models), compute=compute, symmetries=symmetries, coverage=coverage, threshold=threshold
        )
        for note in ensemble.notes:
            reporter.say(note)
        options = {"symmetries": symmetries, "coverage": coverage, "threshold": ensemble.calibration.threshold}
        facts: dict[str, object] = {"models": _digest(ensemble), "images": listing, **options}
        failed = _write_share(
            ensemble,
            paths,
            count,
            table,
            facts,
            batch_size=batch_size,
            parquet=parquet,
            progress=reporter,
            world=world,
        )
        return TableWritten(images=count, failed=world.broadcast_object(failed))


def columns_of(ensemble: Ensemble) -> tuple[str, ...]:
    """Return the columns of a table beside those that every table has."""
    possible = ("possible",) if ensemble.coverage is not None else ()
    return (*possible, "novelty", "unlike_training") if ensemble.detects else possible


def _write_share(
    ensemble: Ensemble,
    paths: ImagePaths,
    count: int,
    path: Path,
    facts: dict[str, object],
    *,
    batch_size: int | None,
    parquet: bool,
    progress: Reporter,
    world: World,
) -> int:
    """Write the rows of this process's share of the images; the chief then joins the shares of all processes.

    Returns:
        The number of rows with an error, in the chief; 0 in the other processes.
    """
    share = world.part(count)
    table = PredictionTable(
        path,
        facts=facts,
        classes=ensemble.classes,
        columns=columns_of(ensemble),
        rank=world.rank,
        processes=world.size,
        parquet=parquet,
    )
    with table.open():
        done = table.rows
        if done:
            progress.say(f"continuing after {done} of {share.stop - share.start} images")
        with progress.track("predicting", share.stop - share.start, "images", done=done) as task:
            for row in predict_files(ensemble, paths.between(share.start + done, share.stop), batch_size=batch_size):
                table.add(row)
                task.advance(failed=str(table.failed or ""))
        table.save()
        world.sum(torch.zeros(1, device=ensemble.device))  # wait for the other processes
        if not world.chief:
            return 0
        table.finish()
        if table.stacks:
            progress.say(only_first_pages(table.stacks))
        return table.failed


def _digest(ensemble: Ensemble) -> str:
    """Return a hash of the weights and the configuration of all models."""
    digest = hashlib.sha256()
    for classifier in ensemble.classifiers:
        digest.update(repr((classifier.config, classifier.calibration)).encode())
        for name, tensor in sorted(classifier.network.state_dict().items()):
            digest.update(
                name.encode() + tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes()
            )
    return digest.hexdigest()[:16]
