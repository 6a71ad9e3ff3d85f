"""calibration.json in a bundle, what was fitted on the validation images, and the features in novelty.safetensors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import CALIBRATION, CONFIG, NOVELTY, read_config, read_described
from zoo.calibration import UNCALIBRATED, Calibration
from zoo.calibration.novelty import MAX_IMAGES
from zoo.errors import BundleError
from zoo.files import sha256
from zoo.tensors import FLOATS, read_header, read_tensors

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


def read_novelty(folder: Path, *, features: int) -> Tensor:
    """Return the features of training images, a row for each, scaled to length 1.

    Args:
        folder: The bundle.
        features: How many features an image has.
    """
    path, stated = bundle_file(folder, NOVELTY), read_config(folder).get("novelty")
    if path is None or not isinstance(stated, dict):
        raise _damaged(folder, f"is not the file that {CONFIG} describes: it is missing, or not described")
    header = read_header(path)
    info = header.get("features")
    if list(header) != ["features"] or info is None or len(info.shape) != 2 or info.dtype not in FLOATS:
        raise _damaged(folder, "does not contain exactly one matrix of numbers, called features")
    if not 1 <= info.shape[0] <= MAX_IMAGES or info.shape[1] != features:
        problem = f"has the shape {info.shape}, and not at most {MAX_IMAGES} rows of {features} numbers"
        raise _damaged(folder, f"{problem}: the layer that {CALIBRATION} names does not take these features")
    if sha256(path) != stated.get("sha256"):
        raise _damaged(folder, f"is not the file that {CONFIG} describes: its sha256 differs")
    found = read_tensors(path)["features"]
    lengths = found.float().norm(dim=1)
    if not bool(((lengths - 1).abs() < 0.01).all()):
        raise _damaged(folder, "has rows whose length is not 1")
    return found


def _damaged(folder: Path, problem: str) -> BundleError:
    return BundleError(f"{NOVELTY} {problem}", where=str(folder), hint="download the bundle again")
