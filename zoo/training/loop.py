"""The training loop: epochs of steps, validation, checkpoints, early stopping."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from zoo.classifier import Classifier
from zoo.config.recipe import Recipe
from zoo.data.device_images import DeviceImages
from zoo.distributed.sync_batch_norm import synchronize_batch_norm
from zoo.distributed.world import World
from zoo.errors import TrainingError
from zoo.evaluation.inference import Inference
from zoo.progress import Reporter, Task
from zoo.runs.history import Epoch
from zoo.signals import StopRequest, StopRequested
from zoo.text import cut_short
from zoo.training.batches import Batches
from zoo.training.checkpoint import CheckpointWriter, Snapshot
from zoo.training.compute import ComputePlan
from zoo.training.early_stopping import epoch_score, is_better, stops_early
from zoo.training.ema import WeightAverage
from zoo.training.finetuning import freeze, rate_scales, set_training_mode
from zoo.training.finite_weights import FiniteWeights
from zoo.training.loss_queue import LossQueue
from zoo.training.messages import DIVERGED, best_so_far, divergence_error, result_message
from zoo.training.optimizer import make_optimizer
from zoo.training.schedule import learning_rate, set_learning_rate
from zoo.training.state import State
from zoo.training.step import TrainingStep
from zoo.training.training_data import TrainingData
from zoo.training.validation import Validation, validate


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """The weights that a training keeps, and its history."""

    weights: Mapping[str, Tensor]
    best_epoch: int
    """The number of the epoch that the weights are from."""
    rows: tuple[Epoch, ...]


class TrainingLoop:
    """The loop of one training. What changes from step to step is in `state`; everything else stays the same."""

    def __init__(
        self,
        classifier: Classifier,
        data: TrainingData,
        recipe: Recipe,
        *,
        tuned: Collection[str],
        seed: int,
        compute: ComputePlan,
        world: World,
        progress: Reporter,
    ) -> None:
        """Prepare the network, the optimizer and the batches.

        Args:
            classifier: The classifier with its initial weights; it is trained in place.
            data: The images, their labels and their split.
            recipe: How to train.
            tuned: Names of the parameters and buffers of the head and of layers without pretrained weights, needed if
                the recipe treats them differently.
            seed: The random seed.
            compute: How to compute.
            world: The processes that train together.
            progress: Shows progress and messages.
        """
        self.data, self.recipe, self.compute, self.world, self.progress = data, recipe, compute.compute, world, progress
        network = classifier.network
        if compute.synchronized:
            synchronize_batch_norm(network, self.compute.device)
        self.compute.place(classifier)
        self.tuned = tuned
        freeze(network, recipe, tuned)
        scales = rate_scales(network, recipe, tuned) if recipe.early_rate < 1 else None
        self.state = State(
            classifier=classifier,
            optimizer=make_optimizer(network, recipe, scales),
            average=WeightAverage(classifier, recipe.averaging) if recipe.averaging else None,
            keeps_last=recipe.select == "last" or not data.split.val,
        )
        self.images = DeviceImages(data.pixels, self.compute.device, resident=compute.resident)
        self.batches = Batches(self.images, data, recipe, seed=seed, device=self.compute.device)
        own = classifier.config.preprocessing
        # without gradients, four times as many images need no more memory
        size = min(4 * recipe.batch_size, self.compute.images_at_once(own.height, own.width))
        self.inference = Inference(images=self.images, compute=self.compute, batch_size=size, world=world)
        self.step = TrainingStep(self.state, self.batches, compute=compute, world=world, progress=progress)
        self.weights = FiniteWeights(network)
        self.losses = LossQueue(self.compute.device, world, self._divergence_error)
        self.steps = self.batches.steps
        self.total_steps = self.steps * recipe.epochs
        self._timed_until = time.perf_counter()

    def run(
        self,
        on_epoch: Callable[[Epoch], None],
        *,
        writer: CheckpointWriter,
        request: StopRequest,
        saved: Snapshot | None = None,
    ) -> TrainingResult:
        """Train all epochs, or those that are left, and return the weights that the recipe selects.

        Args:
            on_epoch: Called with each epoch when it has ended.
            writer: Writes the checkpoints.
            request: Says whether training is to stop; it then saves a checkpoint and raises StopRequested.
            saved: The checkpoint to resume from.
        """
        state, size = self.state, self.recipe.batch_size
        if saved:
            state.restore(saved)
        self._timed_until = time.perf_counter()
        with self.progress.track("training", self.total_steps * size, "images", done=state.step * size) as task:
            while not self._is_finished():
                self._train_epoch(task, writer, request)
                task.advance(0, step="validating" if self.data.split.val else "")
                row = self._finish_epoch()
                task.advance(0, step="", **best_so_far(state))
                self.progress.say(row.line)
                on_epoch(row)
                self._save_or_stop(writer, request, stop=self._is_stop_requested(request), last=self._is_finished())
        self.progress.say(result_message(state, self.recipe, early=self._stopped_early()))
        return TrainingResult(
            weights=state.best_weights or state.weights(), best_epoch=state.best_epoch, rows=tuple(state.rows)
        )

    def _is_finished(self) -> bool:
        """Whether no epoch is left to train."""
        return len(self.state.rows) >= self.recipe.epochs or self._stopped_early()

    def _stopped_early(self) -> bool:
        """Whether early stopping ends the training after the epochs so far."""
        return stops_early(self.recipe, epochs=len(self.state.rows), best_epoch=self.state.best_epoch)

    def _train_epoch(self, task: Task, writer: CheckpointWriter, request: StopRequest) -> None:
        """Take the steps of the current epoch; of a resumed one, those that are left."""
        state, epoch = self.state, len(self.state.rows) + 1
        set_training_mode(state.classifier.network, self.recipe, self.tuned)
        while (number := state.step - (epoch - 1) * self.steps) < self.steps:
            rate = learning_rate(self.recipe, state.step, self.total_steps)
            set_learning_rate(state.optimizer, rate)
            loss = self.step.run(epoch, number)
            self.losses.push(state.step, loss, norm=self.weights.norm(), stop=request.number is not None)
            state.loss_sum += self.losses.read()
            self._add_time()
            task.advance(
                self.recipe.batch_size,
                epoch=f"{epoch}/{self.recipe.epochs}",
                step=f"{number + 1}/{self.steps}",
                loss=f"{state.loss_sum / max(1, number + 1 - len(self.losses)):.3f}",
                **best_so_far(state),
                lr=f"{rate:.1e}",
            )
            self._save_or_stop(writer, request, stop=self.losses.stops_after(state.step))
            self.step.compile_if_worthwhile(self.total_steps)

    def _divergence_error(self, step: int, loss: float) -> TrainingError | None:
        """Return the error for a step whose loss, or a weight after it, is not finite; None if all are."""
        if math.isfinite(loss):
            broken = self.weights.nonfinite()
            if not broken:
                return None
            what = f"weights became NaN or infinite ({cut_short(broken, 4)})"
        else:
            what = f"the loss became {loss}"
        epoch, number = (step - 1) // self.steps + 1, (step - 1) % self.steps
        return divergence_error(what, self._place(step), self._names(self.batches.indices(epoch, number)))

    def _place(self, step: int) -> str:
        """Return the epoch and the number of a step, as text."""
        return f"epoch {(step - 1) // self.steps + 1}, step {(step - 1) % self.steps + 1} of {self.steps}"

    def position(self) -> str:
        """Return what is being computed: a step, or the validation after the last one of an epoch."""
        epoch = len(self.state.rows) + 1
        if self.state.step == epoch * self.steps:
            return f"the validation of epoch {epoch}"
        return self._place(self.state.step + 1)

    def _names(self, indices: Iterable[int]) -> list[str]:
        """Return the names of images by index."""
        keys = self.data.keys
        return [keys[index] for index in indices]

    def _is_stop_requested(self, request: StopRequest) -> bool:
        """Whether any process was asked to stop."""
        requested = torch.tensor(float(request.number is not None), device=self.compute.device)
        return self.world.sum(requested).item() > 0

    def _save_or_stop(self, writer: CheckpointWriter, request: StopRequest, *, stop: bool, last: bool = False) -> None:
        """Save a checkpoint if one is due, this is the last step, or training is to stop; then raise StopRequested."""
        if stop or last or (self.world.chief and writer.due):
            self.state.loss_sum += self.losses.read(wait_for_all=True)
            if self.world.chief:
                writer.save(self.state.snapshot(), wait=stop or last)
        if stop:
            raise StopRequested(request.number or signal.SIGTERM)

    def _finish_epoch(self) -> Epoch:
        """Validate, keep the weights if they are the best so far, and return the epoch's row of the history."""
        state = self.state
        state.loss_sum += self.losses.read(wait_for_all=True)
        training_seconds, epoch = state.epoch_seconds, len(state.rows) + 1
        if wrong := state.nonfinite_parameters():
            raise TrainingError(
                f"weights became NaN or infinite by the end of epoch {epoch}: {cut_short(wrong, 4)}", hint=DIVERGED
            )
        validation = self._validate()
        value = epoch_score(self.recipe, epoch, validation)
        better = is_better(value, state.best_value)
        if better:
            state.best_epoch, state.best_value = epoch, value
            state.best_weights = {} if state.keeps_last else state.weights()
        self._add_time()
        row = Epoch(
            epoch=epoch,
            epochs=self.recipe.epochs,
            step=state.step,
            images=state.step * self.recipe.batch_size,
            train_loss=state.loss_sum / self.steps,
            **asdict(validation),
            lr=learning_rate(self.recipe, state.step - 1, self.total_steps),
            best=None if state.keeps_last else better,
            images_per_second=self.steps * self.recipe.batch_size / training_seconds,
            seconds=state.epoch_seconds,
            elapsed=state.seconds,
        )
        state.rows.append(row)
        state.loss_sum = state.epoch_seconds = 0.0
        return row

    def _validate(self) -> Validation:
        """Return loss and accuracies on the validation part, if there is one."""
        indices = self.data.split.val
        if not indices:
            return Validation()
        classifier = self.state.evaluated
        self.world.broadcast(classifier.network.buffers())
        logits = self.inference.logits(classifier, indices)
        wrong = [index for index, row in zip(indices, logits, strict=True) if not np.isfinite(row).all()]
        if wrong:
            step = f"the validation of epoch {len(self.state.rows) + 1}"
            raise divergence_error("the output of the network is NaN or infinite", step, self._names(wrong))
        return validate(logits, self.data.labels[list(indices)])

    def _add_time(self) -> None:
        """Add the time since the last call to that of the epoch and of the training."""
        now = time.perf_counter()
        seconds, self._timed_until = now - self._timed_until, now
        self.state.seconds += seconds
        self.state.epoch_seconds += seconds
