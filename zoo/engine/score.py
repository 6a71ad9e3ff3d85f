"""Probabilities of many images, without training on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from zoo.classifier import Classifier
from zoo.device import Compute


@torch.no_grad()
def score(
    classifier: Classifier, pixels: np.ndarray, indices: Sequence[int], *, compute: Compute, batch_size: int
) -> np.ndarray:
    """One row of class probabilities for each index."""
    training = classifier.training
    classifier.eval()
    rows = []
    for start in range(0, len(indices), batch_size):
        chosen = np.asarray(indices[start : start + batch_size])
        batch = torch.from_numpy(pixels[chosen]).to(compute.device).permute(0, 3, 1, 2)
        with compute.autocast():
            logits = classifier(classifier.normalise(batch))
        rows.append(classifier.probabilities(logits).cpu())
    classifier.train(training)
    return torch.cat(rows).double().numpy()
