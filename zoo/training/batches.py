"""What one step of training sees: images augmented, perhaps mixed, and their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from zoo.data.augmentation import augment
from zoo.data.device_images import Images
from zoo.data.mixup import mix, partners
from zoo.data.sampler import draw_numbers, epoch_order
from zoo.data.split.split import Split
from zoo.spec import Recipe


@dataclass(frozen=True, kw_only=True)
class Data:
    """What there is to train on: images and labels by index, and who is in which part."""

    images: Images
    labels: np.ndarray
    keys: Sequence[str]
    """What each image is called."""
    split: Split


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Images with their labels; where they were mixed, also the others' labels and how much is left of their own."""

    images: Tensor
    labels: Tensor
    others: Tensor | None = None
    own: Tensor | None = None


class Batches:
    """All batches of a training, by epoch and number. Which images a batch holds depends on the seed alone."""

    def __init__(self, data: Data, recipe: Recipe, *, seed: int, device: torch.device) -> None:
        self.data, self.recipe, self.seed = data, recipe, seed
        self.train = np.asarray(data.split.train)
        self._labels = torch.from_numpy(data.labels).to(device)
        self._epoch, self._order, self._numbers = 0, self.train, self.train
        # a last, smaller batch is left out: the next epoch shuffles anew
        self.steps = len(self.order(1)) // recipe.batch_size
        """In an epoch."""

    def order(self, epoch: int) -> np.ndarray:
        """The images of an epoch, one batch after the other."""
        if self._epoch != epoch:
            sampling = self.recipe.sampling
            self._order = epoch_order(self.train, self.data.labels, sampling=sampling, seed=self.seed, epoch=epoch)
            self._numbers = draw_numbers(self._order, len(self.data.labels))
            self._epoch = epoch
        return self._order

    def indices(self, epoch: int, number: int) -> np.ndarray:
        """Whose turn it is."""
        return self.order(epoch)[self._slice(number)]

    def take(self, epoch: int, number: int, part: slice) -> Batch:
        """A part of one batch."""
        chosen = self.indices(epoch, number)[part]
        numbers = self._numbers[self._slice(number)][part]
        images = self._augmented(epoch, chosen, numbers)
        labels = self._labels_of(chosen)
        if self.recipe.mixing == "none":
            return Batch(images=images, labels=labels)
        found = partners(self.train, numbers, seed=self.seed, epoch=epoch)
        mates = self._augmented(epoch, found, numbers)
        images, own = mix(images, mates, self.recipe.mixing, seed=self.seed, epoch=epoch, indices=numbers)
        return Batch(images=images, labels=labels, others=self._labels_of(found), own=own)

    def _slice(self, number: int) -> slice:
        return slice(number * self.recipe.batch_size, (number + 1) * self.recipe.batch_size)

    def _augmented(self, epoch: int, chosen: np.ndarray, numbers: np.ndarray) -> Tensor:
        pixels = self.data.images.take(chosen)
        return augment(pixels.float().div_(255), self.recipe.augment, seed=self.seed, epoch=epoch, indices=numbers)

    def _labels_of(self, indices: np.ndarray) -> Tensor:
        return self._labels[torch.from_numpy(indices).to(self._labels.device, non_blocking=True)]
