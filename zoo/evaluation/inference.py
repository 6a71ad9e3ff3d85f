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
    return run_network(
        classifier,
        images,
        indices,
        classifier,
        columns=outputs_for(len(classifier.classes), classifier.config.head),
        compute=compute,
        batch_size=batch_size,
        progress=progress,
        world=world,
    )


def score_and_detect(
    classifier: Classifier,
    images: DeviceImages,
    indices: Sequence[int],
    *,
    compute: Compute,
    batch_size: int,
    progress: Reporter | None = None,
    world: World = SINGLE_PROCESS,
) -> Scores:
    """Return the logits of images and how unlike the training images they are, from the same forward passes.

    Args:
        classifier: The classifier; its training mode is kept.
        images: The images.
        indices: The images to score, by index.
        compute: How to compute.
        batch_size: Images in one batch.
        progress: Shows progress.
        world: The processes, of which each scores a share; all get the rows of all.
    """
    outputs = outputs_for(len(classifier.classes), classifier.config.head)

    def both(x: Tensor) -> Tensor:
        logits, novelty = classifier.outputs(x)
        return logits if novelty is None else torch.cat([logits, novelty[:, None].to(logits)], dim=1)

    rows = run_network(
        classifier,
        images,
        indices,
        both,
        columns=outputs + (classifier.detector is not None),
        compute=compute,
        batch_size=batch_size,
        progress=progress,
        world=world,
    )
    return Scores(logits=rows[:, :outputs], novelty=rows[:, outputs] if classifier.detector is not None else None)


@torch.no_grad()
def run_network(
    classifier: Classifier,
    images: DeviceImages,
    indices: Sequence[int],
    function: Callable[[Tensor], Tensor],
    *,
    columns: int,
    compute: Compute,
    batch_size: int,
    progress: Reporter | None = None,
    world: World = SINGLE_PROCESS,
) -> NDArray[np.float32]:
    """Return what a function returns for preprocessed images, a row for each index.

    Args:
        classifier: The classifier; its training mode is kept.
        images: The images.
        indices: The images, by index.
        function: Runs the network on a batch.
        columns: How many columns the function returns.
        compute: How to compute.
        batch_size: Images in one batch.
        progress: Shows progress.
        world: The processes, of which each computes a share; all get the rows of all.
    """
    training = classifier.training
    classifier.eval()
    mine = world.share(indices)
    rows = [torch.empty((0, columns), device=compute.device)]
    with (progress or Silent()).track("evaluating", len(mine), "images") as task:
        for start in range(0, len(mine), batch_size):
            chosen = mine[start : start + batch_size]
            with compute.autocast():
                found = function(compute.arrange(classifier.normalize(images.take(chosen))))
            rows.append(found.float())
            task.advance(len(chosen))
    if training:
        classifier.train()
    return world.gather(torch.cat(rows), len(indices)).cpu().numpy()
