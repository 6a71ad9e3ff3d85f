"""The models on the page: what is known of each, and its classifier, which is loaded when it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from zoo import Classifier, from_pretrained
from zoo.classifier import BundleConfig
from zoo.errors import BundleError
from zoo.hub import read_hub_name
from zoo.runs import named_folder
from zoo.text import one_line
from zoo_demo.how_well import HowWell, how_well
from zoo_demo.model_cache import ModelCache

if TYPE_CHECKING:
    from zoo.calibration import Calibration
    from zoo.metrics.metrics_file import Metrics


@dataclass(frozen=True, kw_only=True)
class PageModel:
    """A model of the page. Its weights are in memory only while the cache keeps them."""

    name: str
    config: BundleConfig
    calibration: Calibration
    parameters: int
    """How many parameters the network has."""
    cache: ModelCache
    leaked: bool = False
    """Whether its published results are of images, or of patients, that it was trained or validated on."""
    baseline: str = ""
    """How it compares with a simple model on the same images, by its published results; empty if that is not known."""
    how_well: HowWell | None = None
    """How well it did, by its published results; None if it has none that can be read."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes."""
        return self.config.classes

    @property
    def classifier(self) -> Classifier:
        """The classifier, loaded again if it is not in memory."""
        return self.cache[self.name]


def load_models(models: Sequence[str], *, device: torch.device, memory: float | None = None) -> tuple[PageModel, ...]:
    """Load every model once, so that one that cannot be loaded is an error now.

    Args:
        models: Run folders, bundle folders or Hub ids.
        device: The device of the classifiers.
        memory: The bytes of weights that are kept in memory; None for all of them.
    """
    cache = ModelCache(device=device, limit=memory)
    return tuple(
        _page_model(name, from_pretrained(model), cache)
        for name, model in zip(_unique_names(models), models, strict=True)
    )


def _page_model(name: str, classifier: Classifier, cache: ModelCache) -> PageModel:
    cache.add(name, classifier)
    metrics = _metrics(classifier)
    return PageModel(
        name=name,
        config=classifier.config,
        calibration=classifier.calibration,
        parameters=sum(parameter.numel() for parameter in classifier.parameters()),
        cache=cache,
        leaked=_is_leaked(classifier),
        baseline=str(metrics.baseline) if metrics is not None and metrics.baseline is not None else "",
        how_well=None if metrics is None else how_well(metrics),
    )


def _is_leaked(classifier: Classifier) -> bool:
    """Return whether the results of a model are leaked; a metrics file that cannot be read has no results to mark."""
    try:
        return classifier.leaked
    except BundleError:
        return False


def _metrics(classifier: Classifier) -> Metrics | None:
    """Return the results of a model; a metrics file that cannot be read has none."""
    try:
        return classifier.metrics
    except BundleError:
        return None


def all_classes(models: Sequence[PageModel]) -> list[str]:
    """Return every class that at least one model has."""
    return list(dict.fromkeys(name for model in models for name in model.classes))


def _unique_names(models: Sequence[str]) -> Iterator[str]:
    """Yield short names, numbered where two are the same. The page never shows the path of a folder."""
    used: set[str] = set()
    for model in models:
        number, name = 1, _short_name(model)
        free = name
        while free in used:
            number += 1
            free = f"{name} ({number})"
        used.add(free)
        yield free


def _short_name(model: str) -> str:
    """Return the Hub id without a commit, or the name of the run or bundle folder."""
    path = Path(model).expanduser()
    if not path.exists():
        on_hub = read_hub_name(model)
        return model if on_hub is None else on_hub.repo
    return one_line(named_folder(path).name)
