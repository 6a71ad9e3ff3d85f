"""Whether a bundle still gives what it gave when it was saved."""

from __future__ import annotations

from pathlib import Path

import torch

from zoo.bundle.bundle_files import GOLDEN
from zoo.classifier.factory import from_pretrained
from zoo.errors import BundleError
from zoo.tensors import read_tensors

TOLERANCE = 1e-3
"""Other processors add in another order; other code gives other numbers altogether."""


@torch.no_grad()
def verify_bundle(folder: Path) -> float:
    """Load strictly, run the saved input, and give the largest difference from the saved logits."""
    golden = read_tensors(folder / GOLDEN)
    logits = from_pretrained(folder)(golden["input"])
    difference = float((logits - golden["logits"]).abs().max())
    scale = max(1.0, float(golden["logits"].abs().max()))
    if not difference <= TOLERANCE * scale:
        raise BundleError(
            f"this model's outputs are not what they were when it was saved: they differ by {difference:.2g}",
            where=str(folder),
            hint="is the plugin that registers its architecture another version?",
        )
    return difference
