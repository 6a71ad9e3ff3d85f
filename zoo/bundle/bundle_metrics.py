"""The metrics in a bundle, and whether they are leaked."""

from __future__ import annotations

from pathlib import Path

from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import METRICS
from zoo.bundle.provenance import Provenance
from zoo.errors import BundleError
from zoo.metrics.metrics_file import Metrics, read_metrics


def bundle_metrics(folder: Path) -> Metrics | None:
    """Return the metrics in a bundle; None if it has none."""
    path = bundle_file(folder, METRICS)
    if path is None:
        return None
    try:
        return read_metrics(path)
    except (OSError, ValueError) as error:
        raise BundleError(
            f"cannot be read: {error}", where=str(path), hint="train or evaluate the model again"
        ) from error


def is_leaked(metrics: Metrics | None, training: Provenance | None) -> bool:
    """Return whether a model was measured on images, or on patients, that it was trained or validated on."""
    if metrics is not None and metrics.seen is not None:
        return metrics.seen.leaked
    of_training = metrics is None or metrics.split.part != "all"
    return of_training and training is not None and training.split.leak is not None
