"""The models that the page shows, loaded once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from zoo import Classifier, from_pretrained


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """One model under the name that the page calls it by."""

    name: str
    classifier: Classifier


def load(models: Sequence[str], *, device: torch.device) -> tuple[LoadedModel, ...]:
    """All models, each on the device."""
    return tuple(
        LoadedModel(name=name, classifier=from_pretrained(model).to(device))
        for name, model in zip(_names(models), models, strict=True)
    )


def classes(models: Sequence[LoadedModel]) -> list[str]:
    """Every class that at least one model knows."""
    return list(dict.fromkeys(name for model in models for name in model.classifier.classes))


def _names(models: Sequence[str]) -> Iterator[str]:
    """Short names, a number behind one that was used already. A page never shows where a folder lies."""
    used: dict[str, int] = {}
    for model in models:
        name = _name(model)
        used[name] = used.get(name, 0) + 1
        yield name if used[name] == 1 else f"{name} ({used[name]})"


def _name(model: str) -> str:
    path = Path(model).expanduser()
    if not path.exists():
        return model
    folder = path.resolve()
    return folder.parent.name if folder.name == "bundle" else folder.name
