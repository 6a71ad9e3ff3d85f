"""The detector of images that are unlike the training images."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from zoo.calibration import Novelty

CONTRAST_SIDE = 16
"""The side in pixels of the gray copy that the contrast is measured on."""
_GRAY = (0.299, 0.587, 0.114)


class NoveltyDetector(nn.Module):
    """The features of training images, and the thresholds; it moves with the classifier that it is a part of.

    Args:
        novelty: The layer and the thresholds.
        features: The features of training images, a row for each, scaled to length 1.
    """

    features: Tensor

    def __init__(self, novelty: Novelty, features: Tensor) -> None:
        super().__init__()
        self.novelty = novelty
        self.register_buffer("features", features.float(), persistent=False)

    def forward(self, features: Tensor, contrast: Tensor) -> Tensor:
        """Return the novelty of images: an image is unlike the training images if it is above 1.

        Args:
            features: Their features, a row for each image.
            contrast: Their contrast.
        """
        distance = neighbor_distances(features, self.features, self.novelty.neighbors) / self.novelty.distance
        lowest = self.novelty.contrast / contrast.clamp(min=1e-6)
        return torch.maximum(distance, lowest.to(distance))


def unit_length(features: Tensor) -> Tensor:
    """Return features in float32, each row scaled to length 1."""
    return F.normalize(features.float(), dim=1)


def neighbor_distances(features: Tensor, bank: Tensor, neighbors: int) -> Tensor:
    """Return the distance of each row of features to its k-th nearest row of the bank.

    Args:
        features: The features, of any length.
        bank: Features of length 1.
        neighbors: The k.
    """
    cosines = unit_length(features) @ bank.float().T
    nearest = cosines.topk(min(neighbors, len(bank)), dim=1).values[:, -1]
    return (2 - 2 * nearest).clamp(min=0).sqrt()


def contrasts(x: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Return the standard deviation of the gray values, of 255, of a small copy of each image.

    Args:
        x: A preprocessed batch.
        mean: The mean that was subtracted.
        std: The standard deviation that it was divided by.
    """
    weights = torch.tensor(_GRAY, device=x.device).view(1, 3, 1, 1)
    gray = ((x.float() * std + mean) * weights).sum(dim=1, keepdim=True)
    return F.adaptive_avg_pool2d(gray, CONTRAST_SIDE).flatten(1).std(dim=1, correction=0) * 255
