"""The check that a network can be saved and loaded."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from zoo.classifier import Classifier, from_pretrained
from zoo.errors import PluginError, ZooError
from zoo.testing.case import Case
from zoo.testing.trial import SHARED_HINT
from zoo.text import one_line

OTHER_SEED = 20_260


def saves_and_loads(case: Case) -> None:
    """A network that is saved and loaded gives exactly the same logits."""
    before = case.logits.nan_to_num()
    with TemporaryDirectory() as folder, torch.random.fork_rng(devices=[]):
        torch.manual_seed(OTHER_SEED)  # so that weights that forward draws again would differ
        loaded = _save_and_load(case.classifier, Path(folder) / "bundle")
    if not torch.equal(before, case.run(loaded, case.batch()).nan_to_num()):
        raise PluginError(
            "a network that is saved and loaded gives other logits",
            hint="everything forward needs must be a parameter or a buffer, or be computed from the options",
        )


def _save_and_load(classifier: Classifier, folder: Path) -> Classifier:
    """Save a classifier as a bundle, and return the classifier loaded from it."""
    try:
        classifier.save(folder)
    except (RuntimeError, ValueError) as error:
        raise PluginError(f"the network cannot be saved: {one_line(str(error))[:300]}", hint=SHARED_HINT) from error
    try:
        return from_pretrained(folder)
    except ZooError as error:
        raise PluginError(
            f"the saved network cannot be loaded: {error.message}",
            hint="create all parameters and buffers in build, none in forward",
        ) from error
