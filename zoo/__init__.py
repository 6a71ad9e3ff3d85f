"""histozoo: a model zoo for histopathology image classification, built on plugins.

Importing this costs milliseconds; torch arrives when something needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zoo.version import __version__

if TYPE_CHECKING:
    from zoo.auditing import audit
    from zoo.batch_prediction import predict
    from zoo.classifier import Classifier, create_model, from_pretrained, push
    from zoo.comparison import compare
    from zoo.errors import ZooError
    from zoo.evaluation.evaluate import evaluate
    from zoo.evaluation.evaluate_many import evaluate_many
    from zoo.exporting.export import export
    from zoo.grid.train_many import train_many
    from zoo.plugins import hookimpl
    from zoo.registry import list_models
    from zoo.reproduction import reproduce
    from zoo.training.train import resume, train

__all__ = [
    "Classifier",
    "ZooError",
    "__version__",
    "audit",
    "compare",
    "create_model",
    "evaluate",
    "evaluate_many",
    "export",
    "from_pretrained",
    "hookimpl",
    "list_models",
    "predict",
    "push",
    "reproduce",
    "resume",
    "train",
    "train_many",
]

_HOMES = {
    "Classifier": "zoo.classifier",
    "ZooError": "zoo.errors",
    "audit": "zoo.auditing",
    "compare": "zoo.comparison",
    "create_model": "zoo.classifier",
    "evaluate": "zoo.evaluation.evaluate",
    "evaluate_many": "zoo.evaluation.evaluate_many",
    "export": "zoo.exporting.export",
    "from_pretrained": "zoo.classifier",
    "hookimpl": "zoo.plugins",
    "list_models": "zoo.registry",
    "predict": "zoo.batch_prediction",
    "push": "zoo.classifier",
    "reproduce": "zoo.reproduction",
    "resume": "zoo.training.train",
    "train": "zoo.training.train",
    "train_many": "zoo.grid.train_many",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
