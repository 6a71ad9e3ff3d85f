"""The models on the page, loaded once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from zoo import Classifier, from_pretrained


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A model and its name on the page."""

    name: str
    classifier: Classifier


def load_models(models: Sequence[str], *, device: torch.device) -> tuple[LoadedModel, ...]:
    """Load all models onto the device."""
    return tuple(
        LoadedModel(name=name, classifier=from_pretrained(model).to(device))
        for name, model in zip(_unique_names(models), models, strict=True)
    )


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
