"""calibration.json in a bundle: what was fitted on the validation images of its training."""

from __future__ import annotations

from pathlib import Path

from zoo.bundle.bundle_files import CALIBRATION, read_described
from zoo.calibration import UNCALIBRATED, Calibration
from zoo.errors import BundleError

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
