"""The models on the page, loaded once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from zoo import Classifier, from_pretrained
from zoo.errors import BundleError
from zoo_demo.how_well import HowWell, how_well

if TYPE_CHECKING:
    from zoo.metrics.metrics_file import Metrics


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A model and its name on the page."""

    name: str
    classifier: Classifier
    leaked: bool = False
    """Whether its published results are of images, or of patients, that it was trained or validated on."""
    baseline: str = ""
    """How it compares with a simple model on the same images, by its published results; empty if that is not known."""
    how_well: HowWell | None = None
    """How well it did, by its published results; None if it has none that can be read."""


def load_models(models: Sequence[str], *, device: torch.device) -> tuple[LoadedModel, ...]:
    """Load all models onto the device."""
    return tuple(
        LoadedModel(
            name=name,
            classifier=classifier.to(device),
            leaked=_is_leaked(classifier),
            baseline=_baseline(classifier),
            how_well=_how_well(classifier),
        )
        for name, classifier in zip(_unique_names(models), map(from_pretrained, models), strict=True)
    )


def _is_leaked(classifier: Classifier) -> bool:
    """Return whether the results of a model are leaked; a metrics file that cannot be read has no results to mark."""
    try:
        return classifier.leaked
    except BundleError:
        return False


def _baseline(classifier: Classifier) -> str:
    """Return how a model compares with a simple one; empty if its results do not say it."""
    metrics = _metrics(classifier)
    return str(metrics.baseline) if metrics is not None and metrics.baseline is not None else ""


def _how_well(classifier: Classifier) -> HowWell | None:
    """Return how well a model did; None if it has no results."""
    metrics = _metrics(classifier)
    return None if metrics is None else how_well(metrics)


def _metrics(classifier: Classifier) -> Metrics | None:
    """Return the results of a model; a metrics file that cannot be read has none."""
    try:
        return classifier.metrics
    except BundleError:
        return None


def all_classes(models: Sequence[LoadedModel]) -> list[str]:
    """Return every class that at least one model has."""
    return list(dict.fromkeys(name for model in models for name in model.classifier.classes))


def _unique_names(models: Sequence[str]) -> Iterator[str]:
    """Yield short names, numbered where two are the same. The page never shows the path of a folder."""
    used: dict[str, int] = {}
    for model in models:
        name = _short_name(model)
        used[name] = used.get(name, 0) + 1
        yield name if used[name] == 1 else f"{name} ({used[name]})"


def _short_name(model: str) -> str:
    """Return the Hub id, or the name of the run or bundle folder."""
    path = Path(model).expanduser()
    if not path.exists():
        return model
    folder = path.resolve()
    return folder.parent.name if folder.name == "bundle" else folder.name
