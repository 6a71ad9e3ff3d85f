"""The batches of a training: images, augmented and perhaps mixed, with their labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from zoo.config.recipe import Recipe
from zoo.data.augmentation import augment
from zoo.data.device_images import DeviceImages
from zoo.data.mixup import mix, partners
from zoo.data.sampler import draw_numbers, epoch_order
from zoo.training.training_data import TrainingData


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Images with their labels; where they were mixed, also the other images' labels and the share of their own."""

    images: Tensor
    labels: Tensor
    others: Tensor | None = None
    own: Tensor | None = None


class Batches:
    """All batches of a training, by epoch and number. Which images a batch holds depends on the seed alone."""

    def __init__(
        self, images: DeviceImages, data: TrainingData, recipe: Recipe, *, seed: int, device: torch.device
    ) -> None:
        self.images, self.data, self.recipe, self.seed = images, data, recipe, seed
        self.train = np.asarray(data.split.train)
        self._labels = torch.from_numpy(data.labels).to(device)
        self._epoch, self._order, self._numbers = 0, self.train, self.train
        # a last, smaller batch is left out: the next epoch shuffles anew
        self.steps = len(self.order(1)) // recipe.batch_size
        """Steps in one epoch."""

    def order(self, epoch: int) -> np.ndarray:
        """The training images of an epoch, by index, in the order of its batches."""
        if self._epoch != epoch:
            sampling = self.recipe.sampling
            self._order = epoch_order(self.train, self.data.labels, sampling=sampling, seed=self.seed, epoch=epoch)
            self._numbers = draw_numbers(self._order, len(self.data.labels))
            self._epoch = epoch
        return self._order

    def indices(self, epoch: int, number: int) -> np.ndarray:
        """The training images of one batch, by index."""
        return self.order(epoch)[self._slice(number)]

    def take(self, epoch: int, number: int, part: slice) -> Batch:
        """Return a part of one batch, augmented and mixed."""
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
        pixels = self.images.take(chosen)
        return augment(pixels.float().div_(255), self.recipe.augment, seed=self.seed, epoch=epoch, indices=numbers)

    def _labels_of(self, indices: np.ndarray) -> Tensor:
        return self._labels[torch.from_numpy(indices).to(self._labels.device, non_blocking=True)]
