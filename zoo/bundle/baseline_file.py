"""baseline.json: the simple model that a bundle's results are compared with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.bundle.bundle_files import BASELINE, read_described
from zoo.errors import BundleError

if TYPE_CHECKING:
    from zoo.baseline import Baseline

MAX_BYTES = 16_000_000
"""The size in bytes of the largest baseline.json that is read; with a thousand classes it has two million."""


def read_baseline(folder: Path, *, classes: int) -> Baseline | None:
    """Return the baseline in a bundle; None if it has none, or one that another version of histozoo fitted."""
    from zoo.baseline import Baseline

    try:
        return Baseline.from_document(read_described(folder, "baseline", at_most=MAX_BYTES), classes=classes)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BundleError(
            f"{BASELINE} cannot be read: {error}", where=str(folder), hint="download the bundle again"
        ) from error
