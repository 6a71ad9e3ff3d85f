"""The batches of a training: images, augmented and perhaps mixed, with their labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from zoo.config.recipe import Recipe
from zoo.data.augmented_batch import augmented_batch
from zoo.data.device_images import DeviceImages
from zoo.data.sampler import draw_numbers, epoch_order
from zoo.training.training_data import TrainingData


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The images of a batch, or of a part of it, with their labels."""

    images: Tensor
    labels: Tensor
    other_labels: Tensor | None = None
    """The labels of the images that these were mixed with; None where images are not mixed."""
    own_share: Tensor | None = None
    """How much of each image's own label is left after mixing, from 0 to 1; None where images are not mixed."""


class Batches:
    """All batches of a training, by epoch and number. Which images a batch holds depends on the seed alone."""

    def __init__(
        self, images: DeviceImages, data: TrainingData, recipe: Recipe, *, seed: int, device: torch.device
    ) -> None:
        self.images, self.data, self.recipe, self.seed = images, data, recipe, seed
        self.train_indices = np.asarray(data.split.train)
        self._labels = torch.from_numpy(data.labels).to(device)
        self._epoch, self._order, self._numbers = 0, self.train_indices, self.train_indices
        self._partners = self.train_indices
        # the images left over for a smaller last batch are skipped: the next epoch is shuffled differently
        self.steps = len(self.order(1)) // recipe.batch_size
        """Steps in one epoch."""

    def order(self, epoch: int) -> np.ndarray:
        """Return the training images of an epoch, by index, in the order of its batches."""
        if self._epoch != epoch:
            sampling = self.recipe.sampling
            self._order = epoch_order(
                self.train_indices, self.data.labels, sampling=sampling, seed=self.seed, epoch=epoch
            )
            self._partners = np.sort(self._order)
            self._numbers = draw_numbers(self._order, len(self.data.labels))
            self._epoch = epoch
        return self._order

    def indices(self, epoch: int, number: int) -> np.ndarray:
        """Return the training images of one batch, by index."""
        return self.order(epoch)[self._slice(number)]

    def take(self, epoch: int, number: int, part: slice) -> Batch:
        """Return a part of one batch, augmented and mixed."""
        chosen = self.indices(epoch, number)[part]
        numbers = self._numbers[self._slice(number)][part]
        found = augmented_batch(
            self.images.take, chosen, numbers, pool=self._partners, recipe=self.recipe, seed=self.seed, epoch=epoch
        )
        other_labels = None if found.others is None else self._labels_of(found.others)
        return Batch(
            images=found.images, labels=self._labels_of(chosen), other_labels=other_labels, own_share=found.own
        )

    def _slice(self, number: int) -> slice:
        """Return where a batch is in the order of its epoch."""
        return slice(number * self.recipe.batch_size, (number + 1) * self.recipe.batch_size)

    def _labels_of(self, indices: np.ndarray) -> Tensor:
        """Return the labels of images, on the device."""
        return self._labels[torch.from_numpy(indices).to(self._labels.device, non_blocking=True)]
