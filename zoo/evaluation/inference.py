"""Running a classifier over many images, by one process or several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo.classifier import Classifier
from zoo.data.device_images import DeviceImages
from zoo.device import Compute
from zoo.distributed.world import World
from zoo.progress import Reporter, Silent
from zoo.registry import outputs_for

SINGLE_PROCESS = World()


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What a classifier says of some images, a row for each."""

    logits: NDArray[np.float32]
    novelty: NDArray[np.float32] | None
    """How unlike the training images each image is: above 1, it is; None for a classifier that cannot tell."""


@dataclass(frozen=True, kw_only=True)
class Inference:
    """How images are run through a network: which images, in batches of what size, on which device, by which processes.

    The rows that are returned are those of the given indices, in their order. The training mode of a network is kept.
    """

    images: DeviceImages
    compute: Compute
    batch_size: int | None = None
    """None: as many as suit the device."""
    progress: Reporter | None = None
    world: World = SINGLE_PROCESS
    """The processes, of which each computes a share; all get the rows of all."""

    def logits(self, classifier: Classifier, indices: Sequence[int]) -> NDArray[np.float32]:
        """Return the logits of images, as the network computed them."""
        return self.run(classifier, indices, classifier, columns=_outputs(classifier))

    def scores(self, classifier: Classifier, indices: Sequence[int]) -> Scores:
        """Return the logits of images and how unlike the training images they are, from the same forward passes."""
        outputs = _outputs(classifier)

        def both(x: Tensor) -> Tensor:
            logits, novelty = classifier.outputs(x)
            return logits if novelty is None else torch.cat([logits, novelty[:, None].to(logits)], dim=1)

        rows = self.run(classifier, indices, both, columns=outputs + (classifier.detector is not None))
        return Scores(logits=rows[:, :outputs], novelty=rows[:, outputs] if classifier.detector is not None else None)

    @torch.no_grad()
    def run(
        self, classifier: Classifier, indices: Sequence[int], function: Callable[[Tensor], Tensor], *, columns: int
    ) -> NDArray[np.float32]:
        """Return what a function, which runs the network of a classifier, returns for preprocessed images.

        Args:
            classifier: The classifier.
            indices: The images.
            function: Takes a batch, and returns a row for each image.
            columns: How many columns it returns.
        """
        training = classifier.training
        classifier.eval()
        mine, own = self.world.share(indices), classifier.config.preprocessing
        size = self.batch_size or self.compute.images_at_once(own.height, own.width)
        rows = [torch.empty((0, columns), device=self.compute.device)]
        with (self.progress or Silent()).track("evaluating", len(mine), "images") as task:
            for start in range(0, len(mine), size):
                chosen = mine[start : start + size]
                with self.compute.autocast():
                    found = function(self.compute.arrange(classifier.normalize(self.images.take(chosen))))
                rows.append(found.float())
                task.advance(len(chosen))
        if training:
            classifier.train()
        return self.world.gather(torch.cat(rows), len(indices)).cpu().numpy()


def _outputs(classifier: Classifier) -> int:
    """Return how many logits a classifier gives for each image."""
    return outputs_for(len(classifier.classes), classifier.config.head)
