"""Running a classifier over many images, by one process or several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from zoo.classifier import Classifier
from zoo.data.device_images import DeviceImages
from zoo.device import Compute
from zoo.distributed.world import World
from zoo.progress import Reporter, Silent

SINGLE_PROCESS = World()


@torch.no_grad()
def score(
    classifier: Classifier,
    images: DeviceImages,
    indices: Sequence[int],
    *,
    compute: Compute,
    batch_size: int,
    progress: Reporter | None = None,
    world: World = SINGLE_PROCESS,
) -> np.ndarray:
    """Return the class probabilities of images, a row for each index.

    Args:
        classifier: The classifier; its training mode is kept.
        images: The images.
        indices: The images to score, by index.
        compute: How to compute.
        batch_size: Images in one batch.
        progress: Shows progress.
        world: The processes, of which each scores a share; all get the rows of all.
    """
    training = classifier.training
    classifier.eval()
    mine = world.share(indices)
    rows = [torch.empty((0, len(classifier.classes)), device=compute.device)]
    with (progress or Silent()).track("evaluating", len(mine), "images") as task:
        for start in range(0, len(mine), batch_size):
            chosen = mine[start : start + batch_size]
            with compute.autocast():
                logits = classifier(compute.arrange(classifier.normalize(images.take(chosen))))
            rows.append(classifier.probabilities(logits))
            task.advance(len(chosen))
    if training:
        classifier.train()
    return world.gather(torch.cat(rows), len(indices)).cpu().double().numpy()
