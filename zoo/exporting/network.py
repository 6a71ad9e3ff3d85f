"""The network that is exported: that of a classifier, with its probabilities as a second output."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo.classifier import Classifier

INPUT = "images"
OUTPUTS = ("logits", "probabilities")


class ExportedNetwork(nn.Module):
    """A classifier's network that returns logits and class probabilities, with its temperature as a constant.

    Args:
        classifier: The classifier.
    """

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.network = classifier.network
        self.sigmoid = classifier.config.head == "sigmoid"
        self.temperature = classifier.temperature

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, and the probability of each class; a single sigmoid output gives two columns of them.

        Args:
            images: A batch as returned by `Classifier.preprocess`.
        """
        logits: Tensor = self.network(images)
        scaled = logits / self.temperature
        if self.sigmoid:
            return logits, torch.sigmoid(torch.cat([-scaled, scaled], dim=1))
        return logits, torch.softmax(scaled, dim=1)
