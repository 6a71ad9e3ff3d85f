"""Predictions for any number of images, one after the other, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from zoo.batch_prediction.ensemble import Ensemble
from zoo.batch_prediction.image_paths import ImagePaths
from zoo.classifier import Classifier
from zoo.classifier.prediction import Prediction, predictions
from zoo.config.values import checked_argument
from zoo.device import choose_compute
from zoo.errors import DataError, UsageError
from zoo.parallel import map_items
from zoo.text import counted

NOT_FINITE = (
    "the output of the network is not a number: its weights, or the mean and std of its preprocessing, are damaged"
)


@dataclass(frozen=True, kw_only=True)
class ImagePrediction:
    """The prediction for one file, or the reason why there is none."""

    path: Path
    prediction: Prediction | None
    error: str = ""
    only_first: bool = False
    """Whether the file has more pages or frames than the first, which is the one that is predicted."""


def predict(
    models: Classifier | str | Path | Sequence[Classifier | str | Path],
    images: str | Path | Sequence[str | Path],
    *,
    symmetries: bool = False,
    coverage: float | None = None,
    threshold: float | Literal["validation"] | None = None,
    batch_size: int | None = None,
    device: str = "auto",
) -> Iterator[ImagePrediction]:
    """Yield the prediction for each image file, in constant memory, however many there are.

    Images are decoded in threads while the network computes. A file that cannot be decoded yields its error, and does
    not stop the others.

    Args:
        models: A classifier, a run folder, a bundle folder or a Hub id; or several, whose class probabilities are
            averaged.
        images: Files, folders (with their subfolders) and patterns such as `slides/**/*.png`.
        symmetries: Average over rotations and reflections of each image: eight, or four if the network's input is not
            square.
        coverage: Also yield prediction sets, which contain the true class with this probability for images of new
            patients, such as 0.9.
        threshold: The decision threshold of two classes, or `validation` for the best one on the validation part; by
            default the model's own.
        batch_size: How many images go through the network at once; by default 32, and on a GPU by their size.
        device: `auto`, `cpu`, `cuda`, or a torch device such as `cuda:1`.

    Examples:
        >>> for row in zoo.predict("runs/dala-breakhis-1", "tiles/"):
        ...     print(row.path, row.prediction.label if row.prediction else row.error)
    """
    if batch_size is not None and checked_argument("batch_size", batch_size, int) < 1:
        raise UsageError(f"batch_size must be at least 1, not {batch_size}")
    several = [models] if isinstance(models, Classifier | str | Path) else list(models)
    ensemble = make_ensemble(several, symmetries=symmetries, coverage=coverage, threshold=threshold, device=device)
    return predict_files(ensemble, ImagePaths.of(images), batch_size=batch_size)


def only_first_pages(count: int) -> str:
    """Return that only the first page was predicted of this many files, in words."""
    return f"{counted(count, 'file')} with several pages or frames: only the first is predicted"


def make_ensemble(
    models: Sequence[Classifier | str | Path],
    *,
    symmetries: bool = False,
    coverage: float | None = None,
    threshold: float | Literal["validation"] | None = None,
    device: str = "auto",
) -> Ensemble:
    """Return the models that answer together, as in `predict`."""
    compute = choose_compute(device, "float32")
    return Ensemble(models, compute=compute, symmetries=symmetries, coverage=coverage, threshold=threshold)


def predict_files(
    ensemble: Ensemble, paths: Iterable[Path], *, batch_size: int | None = None
) -> Iterator[ImagePrediction]:
    """Yield the prediction for each file; the next batch is queued on the device before one is waited for."""

    def read(path: Path) -> _Decoded:
        try:
            images, only_first = ensemble.read(path)
            return _Decoded(path=path, images=images, only_first=only_first)
        except DataError as error:
            return _Decoded(path=path, error=error.message)

    waiting: tuple[list[_Decoded], _Answers | None] = ([], None)
    for batch in _batches(map_items(paths, read), batch_size or ensemble.images_at_once):
        images = [decoded.images for decoded in batch if decoded.images is not None]
        queued = batch, ensemble.answer(images) if images else None
        yield from _rows(*waiting, ensemble)
        waiting = queued
    yield from _rows(*waiting, ensemble)


_Answers = tuple[Tensor, Tensor | None]
"""Probabilities, and how unlike the training images each image is."""


@dataclass(frozen=True, kw_only=True)
class _Decoded:
    """A file's image, or the reason why it cannot be decoded."""

    path: Path
    images: list[np.ndarray] | None = None
    error: str = ""
    only_first: bool = False


def _batches(decoded: Iterable[_Decoded], size: int) -> Iterator[list[_Decoded]]:
    """Yield files in lists with at most `size` decoded images, and as few as one if many files cannot be decoded."""
    batch: list[_Decoded] = []
    for item in decoded:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _rows(batch: list[_Decoded], answers: _Answers | None, ensemble: Ensemble) -> Iterator[ImagePrediction]:
    """Yield a batch's predictions and errors in the order of its files."""
    probabilities, novelty = (None, None) if answers is None else answers
    rows = iter(probabilities.cpu() if probabilities is not None else ())
    found = iter(novelty.cpu()[:, None] if novelty is not None else repeat(None))
    for decoded in batch:
        if decoded.images is None:
            yield ImagePrediction(path=decoded.path, prediction=None, error=decoded.error)
            continue
        row, own = next(rows), next(found)
        if not torch.isfinite(row).all() or (own is not None and not torch.isfinite(own).all()):
            error = NOT_FINITE
            yield ImagePrediction(path=decoded.path, prediction=None, error=error)
            continue
        (prediction,) = predictions(row[None], ensemble.classes, ensemble.calibration, ensemble.coverage, own)
        yield ImagePrediction(path=decoded.path, prediction=prediction, only_first=decoded.only_first)
