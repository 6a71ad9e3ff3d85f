"""Verification of a bundle: its model must return the outputs that were saved with it."""

from __future__ import annotations

from pathlib import Path

import torch

from zoo.bundle.bundle_files import GOLDEN
from zoo.classifier.factory import from_pretrained
from zoo.errors import BundleError
from zoo.tensors import read_tensors

TOLERANCE = 1e-3
"""The largest difference allowed, since other processors sum in another order."""


@torch.no_grad()
def verify_bundle(folder: Path) -> float:
    """Load a bundle, run the input saved in it, and return the largest difference from the saved logits."""
    golden = read_tensors(folder / GOLDEN)
    logits = from_pretrained(folder)(golden["input"])
    difference = float((logits - golden["logits"]).abs().max())
    scale = max(1.0, float(golden["logits"].abs().max()))
    if not difference <= TOLERANCE * scale:
        raise BundleError(
            f"this model's outputs differ from those saved with it by {difference:.2g}",
            where=str(folder),
            hint="is another version of its architecture's plugin installed? `zoo plugins` lists the versions",
        )
    return difference
