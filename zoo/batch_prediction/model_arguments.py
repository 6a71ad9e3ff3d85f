"""Which of the arguments of a command are models, and which are paths of images."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from zoo.bundle.bundle_files import is_bundle
from zoo.classifier.resolve import is_hub_id
from zoo.data.sources.image_files import SUFFIXES
from zoo.errors import UsageError
from zoo.runs import is_run


def split_models_and_paths(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the models, which come first, and the paths of images; a UsageError if there are no paths.

    The first argument is a model. Further ones are models, too, as long as they are the folder of a run or of a bundle,
    or look like a Hub id and are no file or folder here.
    """
    models = [arguments[0], *takewhile(_is_model, arguments[1:])]
    paths = list(arguments[len(models) :])
    if not paths:
        raise UsageError("no images were given", hint="name image files, folders or patterns after the model")
    return models, paths


def _is_model(argument: str) -> bool:
    """Return whether an argument after the first one is a model."""
    path = Path(argument).expanduser()
    if path.exists():
        return is_run(path) or is_bundle(path)
    return is_hub_id(argument) and path.suffix.lower() not in SUFFIXES
