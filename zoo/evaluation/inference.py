"""Running a classifier over many images, by one process or several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from zoo.classifier import Classifier
from zoo.data.device_images import DeviceImages
from zoo.device import Compute
from zoo.distributed.world import World
from zoo.progress import Reporter, Silent
from zoo.registry import outputs_for

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
) -> NDArray[np.float32]:
    """Return the logits of images, a row for each index, as the network computed them.

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
    rows = [torch.empty((0, outputs_for(len(classifier.classes), classifier.config.head)), device=compute.device)]
    with (progress or Silent()).track("evaluating", len(mine), "images") as task:
        for start in range(0, len(mine), batch_size):
            chosen = mine[start : start + batch_size]
            with compute.autocast():
                logits = classifier(compute.arrange(classifier.normalize(images.take(chosen))))
            rows.append(logits.float())
            task.advance(len(chosen))
    if training:
        classifier.train()
    return world.gather(torch.cat(rows), len(indices)).cpu().numpy()
