"""calibration.json in a bundle, what was fitted on the validation images, and the features in novelty.safetensors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.bundle.bundle_files import CALIBRATION, CONFIG, NOVELTY, read_config, read_described
from zoo.calibration import UNCALIBRATED, Calibration
from zoo.calibration.novelty import MAX_IMAGES
from zoo.errors import BundleError
from zoo.files import sha256
from zoo.tensors import read_tensors

if TYPE_CHECKING:
    from torch import Tensor

MAX_BYTES = 16_000_000
"""The size in bytes of the largest calibration.json that is read; with a thousand classes it has five million."""


def read_calibration(folder: Path, *, classes: int) -> Calibration:
    """Return the calibration in a bundle; that of an uncalibrated model if it has none."""
    try:
        return Calibration.from_document(read_described(folder, "calibration", at_most=MAX_BYTES), classes=classes)
    except FileNotFoundError:
        return UNCALIBRATED
    except (OSError, ValueError) as error:
        raise BundleError(
            f"{CALIBRATION} cannot be read: {error}", where=str(folder), hint="download the bundle again"
        ) from error


def read_novelty(folder: Path) -> Tensor:
    """Return the features of training images, a row for each, scaled to length 1."""
    path, stated = folder / NOVELTY, read_config(folder).get("novelty")
    if not path.is_file() or not isinstance(stated, dict) or sha256(path) != stated.get("sha256"):
        raise _damaged(folder, f"is not the file that {CONFIG} describes: it is missing, or its sha256 differs")
    tensors = read_tensors(path)
    features = tensors.get("features")
    if list(tensors) != ["features"] or features is None or features.ndim != 2:
        raise _damaged(folder, "has not one matrix, called features")
    lengths = features.float().norm(dim=1)
    if not 1 <= len(features) <= MAX_IMAGES or not bool(((lengths - 1).abs() < 0.01).all()):
        raise _damaged(folder, f"has not from 1 to {MAX_IMAGES} rows of length 1")
    return features


def _damaged(folder: Path, problem: str) -> BundleError:
    return BundleError(f"{NOVELTY} {problem}", where=str(folder), hint="download the bundle again")
