"""The training loop."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from zoo.classifier import Classifier
from zoo.config.recipe import Recipe
from zoo.data.device_images import DeviceImages
from zoo.distributed.sync_batch_norm import synchronise_batch_norm
from zoo.distributed.world import World
from zoo.errors import TrainingError
from zoo.evaluation.probabilities import score
from zoo.progress import Reporter, Task
from zoo.signals import StopRequest, StopRequested
from zoo.text import cut_short
from zoo.training.batches import Batches
from zoo.training.checkpoint import CheckpointWriter, Snapshot
from zoo.training.compute import ComputePlan
from zoo.training.early_stopping import epoch_score, is_better, stops_early
from zoo.training.ema import WeightAverage
from zoo.training.finetuning import freeze, rate_scales, set_training
from zoo.training.history import Epoch
from zoo.training.loss_queue import LossQueue
from zoo.training.messages import DIVERGED, best_so_far, diverged, result
from zoo.training.optimizer import make_optimizer
from zoo.training.schedule import learning_rate, set_learning_rate
from zoo.training.state import State
from zoo.training.step import TrainingStep
from zoo.training.training_data import TrainingData
from zoo.training.validation import Validation, validate


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """What training gives."""

    weights: Mapping[str, Tensor]
    best_epoch: int
    rows: tuple[Epoch, ...]


class TrainingLoop:
    """One training: what stays the same from step to step. What changes is its `state`."""

    def __init__(
        self,
        classifier: Classifier,
        data: TrainingData,
        recipe: Recipe,
        *,
        head: Collection[str] = (),
        seed: int,
        compute: ComputePlan,
        world: World,
        progress: Reporter,
    ) -> None:
        self.data, self.recipe, self.compute, self.world, self.progress = data, recipe, compute.compute, world, progress
        network = classifier.network
        if compute.synchronised:
            synchronise_batch_norm(network, self.compute.device)
        self.compute.place(classifier)
        freeze(network, recipe, head)
        scales = rate_scales(network, recipe, head) if recipe.early_rate < 1 else None
        self.state = State(
            classifier=classifier,
            optimizer=make_optimizer(network, recipe, scales),
            average=WeightAverage(classifier, recipe.averaging) if recipe.averaging else None,
            keeps_last=recipe.select == "last" or not data.split.val,
        )
        self.images = DeviceImages(data.pixels, self.compute.device, resident=compute.resident)
        self.batches = Batches(self.images, data, recipe, seed=seed, device=self.compute.device)
        self.step = TrainingStep(self.state, self.batches, compute=compute, world=world, progress=progress)
        self.losses = LossQueue(self.compute.device, world, self._diverged)
        self.steps = self.batches.steps
        self.all_steps = self.steps * recipe.epochs
        self._mark = time.perf_counter()

    def run(
        self,
        on_epoch: Callable[[Epoch], None],
        *,
        writer: CheckpointWriter,
        request: StopRequest,
        saved: Snapshot | None = None,
    ) -> TrainingResult:
        """All epochs, or those that are left; gives the weights of the one that the recipe selects."""
        state, size = self.state, self.recipe.batch_size
        if saved:
            state.restore(saved)
        self._mark = time.perf_counter()
        with self.progress.track("training", self.all_steps * size, "images", done=state.step * size) as task:
            while not self._over():
                self._rest_of_epoch(task, writer, request)
                task.advance(0, step="validating" if self.data.split.val else "")
                row = self._ended_epoch()
                task.advance(0, step="", **best_so_far(state))
                self.progress.say(row.line)
                on_epoch(row)
                self._between_steps(writer, request, stop=self._asked_to_stop(request))
        if not state.best_epoch:
            raise TrainingError("the validation loss was NaN in every epoch", hint=DIVERGED)
        self.progress.say(result(state, self.recipe, early=self._stopped_early()))
        return TrainingResult(
            weights=state.best or state.weights(), best_epoch=state.best_epoch, rows=tuple(state.rows)
        )

    def _over(self) -> bool:
        return len(self.state.rows) == self.recipe.epochs or self._stopped_early()

    def _stopped_early(self) -> bool:
        return stops_early(self.recipe, epochs=len(self.state.rows), best_epoch=self.state.best_epoch)

    def _rest_of_epoch(self, task: Task, writer: CheckpointWriter, request: StopRequest) -> None:
        """Every step that this epoch still lacks."""
        state, epoch = self.state, len(self.state.rows) + 1
        set_training(state.classifier.network, self.recipe)
        while (number := state.step - (epoch - 1) * self.steps) < self.steps:
            rate = learning_rate(self.recipe, state.step, self.all_steps)
            set_learning_rate(state.optimizer, rate)
            loss = self.step.run(epoch, number)
            self.losses.push(state.step, loss, stop=request.number is not None)
            self._settle()
            self._count()
            task.advance(
                self.recipe.batch_size,
                epoch=f"{epoch}/{self.recipe.epochs}",
                step=f"{number + 1}/{self.steps}",
                loss=f"{state.loss / max(1, number + 1 - len(self.losses)):.3f}",
                **best_so_far(state),
                lr=f"{rate:.1e}",
            )
            self._between_steps(writer, request, stop=self.losses.stops_after(state.step))
            self.step.weigh_compiling(self.all_steps)

    def _settle(self, *, all_of_them: bool = False) -> None:
        """Take in what has become known of the last steps."""
        self.state.loss += self.losses.settle(all_of_them=all_of_them)

    def _diverged(self, step: int, loss: float) -> TrainingError:
        epoch, number = (step - 1) // self.steps + 1, (step - 1) % self.steps
        where = f"epoch {epoch}, step {number + 1} of {self.steps}"
        return diverged(loss, where, self.batches.indices(epoch, number), self.data.keys)

    def _asked_to_stop(self, request: StopRequest) -> bool:
        """Whether any process was."""
        wanted = torch.tensor(float(request.number is not None), device=self.compute.device)
        return self.world.sum(wanted).item() > 0

    def _between_steps(self, writer: CheckpointWriter, request: StopRequest, *, stop: bool = False) -> None:
        """A checkpoint if it is time for one, or before stopping."""
        if stop or (self.world.chief and writer.due):
            self._settle(all_of_them=True)
            if self.world.chief:
                writer.save(self.state.snapshot(), wait=stop)
        if stop:
            raise StopRequested(request.number or signal.SIGTERM)

    def _ended_epoch(self) -> Epoch:
        """Validate; remember the weights if they are the best so far."""
        state = self.state
        self._settle(all_of_them=True)
        training, epoch = state.epoch_seconds, len(state.rows) + 1
        if wrong := state.not_numbers():
            raise TrainingError(f"weights are not numbers after epoch {epoch}: {cut_short(wrong, 4)}", hint=DIVERGED)
        found = self._validation()
        value = epoch_score(self.recipe, epoch, found)
        better = is_better(value, state.best_value)
        if better:
            state.best_epoch, state.best_value = epoch, value
            state.best = {} if state.keeps_last else state.weights()
        self._count()
        row = Epoch(
            epoch=epoch,
            epochs=self.recipe.epochs,
            step=state.step,
            images=state.step * self.recipe.batch_size,
            train_loss=state.loss / self.steps,
            **asdict(found),
            lr=learning_rate(self.recipe, state.step - 1, self.all_steps),
            best=None if state.keeps_last else better,
            images_per_second=self.steps * self.recipe.batch_size / training,
            seconds=state.epoch_seconds,
            elapsed=state.seconds,
        )
        state.rows.append(row)
        state.loss = state.epoch_seconds = 0.0
        return row

    def _validation(self) -> Validation:
        indices = self.data.split.val
        if not indices:
            return Validation()
        classifier = self.state.evaluated
        self.world.broadcast(classifier.network.buffers())
        size = self.recipe.batch_size
        probabilities = score(classifier, self.images, indices, compute=self.compute, batch_size=size, world=self.world)
        return validate(probabilities, self.data.labels[list(indices)])

    def _count(self) -> None:
        """Add the time since this was last called."""
        now = time.perf_counter()
        seconds, self._mark = now - self._mark, now
        self.state.seconds += seconds
        self.state.epoch_seconds += seconds
