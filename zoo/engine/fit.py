"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from zoo.classifier import Classifier
from zoo.data.augmentation import augment
from zoo.data.mixing import mix, partners
from zoo.data.preparing import Pixels
from zoo.data.sampling import draw_numbers, epoch_order
from zoo.data.split import Split
from zoo.device import Compute
from zoo.engine.history import Epoch
from zoo.engine.losses import make_loss
from zoo.engine.optim import learning_rate, make_optimizer
from zoo.engine.score import score
from zoo.engine.validation import Validation, rank, validated
from zoo.errors import TrainingError
from zoo.progress import Task, Watcher
from zoo.spec import Recipe

DIVERGED = "a smaller --lr may help; `zoo verify NAME` finds a network that divides by zero"


@dataclass(frozen=True, kw_only=True)
class Data:
    """What there is to train on: pixels and labels by index, and who is in which part."""

    pixels: Pixels
    labels: np.ndarray
    split: Split


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What training gives."""

    weights: Mapping[str, Tensor]
    best_epoch: int
    epochs_run: int


class Fit:
    """One training: what stays the same from step to step."""

    def __init__(
        self, classifier: Classifier, data: Data, recipe: Recipe, *, seed: int, compute: Compute, watch: Watcher
    ) -> None:
        self.classifier, self.data, self.recipe = classifier, data, recipe
        self.seed, self.compute, self.watch = seed, compute, watch
        torch.manual_seed(seed)
        compute.place(classifier)
        self.train = np.asarray(data.split.train)
        self.optimizer = make_optimizer(classifier.network, recipe)
        self.labels = torch.from_numpy(data.labels).to(compute.device)
        classes = len(classifier.classes)
        head = classifier.description.head
        self.loss = make_loss(head, recipe, data.labels[self.train].tolist(), classes, compute.device)
        # a last, smaller batch is left out: the next epoch shuffles anew
        self.steps = len(self._order(1)) // recipe.batch_size

    def run(self, on_epoch: Callable[[Epoch], None]) -> Fitted:
        """All epochs; gives the weights of the one that the recipe selects."""
        best, best_value, weights = 0, -np.inf, self._copied_weights()
        with self.watch.track("training", self.steps * self.recipe.epochs, "steps") as task:
            for epoch in range(1, self.recipe.epochs + 1):
                began = time.perf_counter()
                loss = self._epoch(epoch, task)
                trained = time.perf_counter() - began
                found = self._validation()
                value = rank(self.recipe, epoch, found)
                if better := value > best_value:
                    best, best_value, weights = epoch, value, self._copied_weights()
                row = Epoch(
                    epoch=epoch,
                    train_loss=loss,
                    **asdict(found),
                    lr=self.optimizer.param_groups[0]["lr"],
                    images_per_second=self.steps * self.recipe.batch_size / trained,
                    seconds=time.perf_counter() - began,
                    best=better,
                )
                on_epoch(row)
                if self.recipe.patience is not None and epoch - best >= self.recipe.patience:
                    self.watch.say(f"stopped: {self.recipe.patience} epochs in a row were not better than epoch {best}")
                    break
        if not best:
            raise TrainingError("no epoch's validation loss was a number", hint=DIVERGED)
        return Fitted(weights=weights, best_epoch=best, epochs_run=epoch)

    def _epoch(self, epoch: int, task: Task) -> float:
        """One pass; gives the mean loss. The device is asked for it once, at the end."""
        order = self._order(epoch)
        numbers = draw_numbers(order, len(self.data.labels))
        total = torch.zeros((), device=self.compute.device)
        self.classifier.train()
        for number in range(self.steps):
            step = (epoch - 1) * self.steps + number
            rate = learning_rate(self.recipe, step, self.steps * self.recipe.epochs)
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            batch = slice(number * self.recipe.batch_size, (number + 1) * self.recipe.batch_size)
            total += self._step(epoch, order[batch], numbers[batch])
            task.advance(epoch=f"{epoch}/{self.recipe.epochs}", rate=f"{rate:.1e}")
        mean = total.item() / self.steps
        if not np.isfinite(mean):
            raise TrainingError(f"the loss became {mean} in epoch {epoch}", hint=DIVERGED)
        return mean

    def _step(self, epoch: int, chosen: np.ndarray, numbers: np.ndarray) -> Tensor:
        """One batch forward, back, and a step of the optimiser."""
        batch = self._augmented(epoch, chosen, numbers)
        others = own = None
        if self.recipe.mixing != "none":
            found = partners(self.train, numbers, seed=self.seed, epoch=epoch)
            mate = self._augmented(epoch, found, numbers)
            batch, own = mix(batch, mate, self.recipe.mixing, seed=self.seed, epoch=epoch, indices=numbers)
            others = self.labels[torch.from_numpy(found)]
        with self.compute.autocast():
            logits = self.classifier(self.classifier.normalise(batch))
        loss = self.loss(logits, self.labels[torch.from_numpy(chosen)], others, own)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return loss.detach()

    def _augmented(self, epoch: int, chosen: np.ndarray, numbers: np.ndarray) -> Tensor:
        pixels = torch.from_numpy(self.data.pixels.read(chosen)).to(self.compute.device).permute(0, 3, 1, 2)
        return augment(pixels.float().div_(255), self.recipe.augment, seed=self.seed, epoch=epoch, indices=numbers)

    def _order(self, epoch: int) -> np.ndarray:
        sampling = self.recipe.sampling
        return epoch_order(self.train, self.data.labels, sampling=sampling, seed=self.seed, epoch=epoch)

    def _validation(self) -> Validation:
        indices = self.data.split.val
        if not indices:
            return Validation()
        size = self.recipe.batch_size
        probabilities = score(self.classifier, self.data.pixels, indices, compute=self.compute, batch_size=size)
        return validated(probabilities, self.data.labels[list(indices)])

    def _copied_weights(self) -> dict[str, Tensor]:
        state = self.classifier.network.state_dict()
        return {name: tensor.detach().cpu().clone() for name, tensor in state.items()}
