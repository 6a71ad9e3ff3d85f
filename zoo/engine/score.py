"""Probabilities of many images, without training on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from zoo.classifier import Classifier
from zoo.data.preparing import Pixels
from zoo.device import Compute
from zoo.progress import Silent, Watcher


@torch.no_grad()
def score(
    classifier: Classifier,
    pixels: Pixels,
    indices: Sequence[int],
    *,
    compute: Compute,
    batch_size: int,
    watch: Watcher | None = None,
) -> np.ndarray:
    """One row of class probabilities for each index."""
    training = classifier.training
    classifier.eval()
    rows = []
    with (watch or Silent()).track("evaluating", len(indices), "images") as task:
        for start in range(0, len(indices), batch_size):
            chosen = indices[start : start + batch_size]
            batch = torch.from_numpy(pixels.read(chosen)).to(compute.device).permute(0, 3, 1, 2)
            with compute.autocast():
                logits = classifier(classifier.normalise(batch))
            rows.append(classifier.probabilities(logits).cpu())
            task.advance(len(chosen))
    classifier.train(training)
    return torch.cat(rows).double().numpy()
