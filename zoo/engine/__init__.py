"""Train and evaluate. Importing this brings no torch; the first use does."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.engine.evaluating import evaluate
    from zoo.engine.evaluation import Evaluation
    from zoo.engine.training import resume, train

__all__ = ["Evaluation", "evaluate", "resume", "train"]

_HOMES = {"Evaluation": "evaluation", "evaluate": "evaluating", "resume": "training", "train": "training"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
