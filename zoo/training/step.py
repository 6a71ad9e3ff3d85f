"""One step of training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from zoo.distributed.world import World
from zoo.progress import Reporter
from zoo.training.batches import Batches
from zoo.training.compile_choice import CompileChoice
from zoo.training.compute import ComputePlan
from zoo.training.cuda_graph import ReplayedGradients
from zoo.training.gradients import Gradients
from zoo.training.loss import make_loss
from zoo.training.state import State


class TrainingStep:
    """Forward pass, loss, backward pass and optimizer step. Each process computes its part of the batch."""

    def __init__(
        self, state: State, batches: Batches, *, compute: ComputePlan, world: World, progress: Reporter
    ) -> None:
        self.state, self.batches, self.world, self.progress = state, batches, world, progress
        self.compute, self._compile = compute.compute, compute.compiled
        classifier, recipe = state.classifier, batches.recipe
        labels = batches.data.labels[batches.train_indices].tolist()
        head, classes = classifier.config.head, len(classifier.classes)
        self._loss = make_loss(head, recipe, labels, classes, self.compute.device)
        self._cuda_graph = compute.cuda_graph
        self._choice = CompileChoice(self.compute.device) if self._compile == "auto" else None
        module: nn.Module = classifier.network
        if world.exchanges:
            device = self.compute.device
            module = DistributedDataParallel(module, device_ids=[device] if device.type == "cuda" else None)
        self._gradients = self._computed_by(torch.compile(module) if self._compile == "yes" else module)

    def run(self, epoch: int, number: int) -> Tensor:
        """Train on one batch of an epoch, and return this process's share of the mean loss."""
        state = self.state
        self._seed()
        batch = self.batches.take(epoch, number, self.world.part(self.batches.recipe.batch_size))
        if isinstance(self._gradients, ReplayedGradients) and self._gradients.capture_if_ready(batch):
            self._seed()
        loss = self._choice.time(self._gradients, batch) if self._choice else self._gradients(batch)
        state.optimizer.step()
        state.step += 1
        if state.average:
            state.average.update(state.step)
        return loss

    def _seed(self) -> None:
        """Seed torch's generators, so that a resumed run draws the same random numbers (dropout) in the same step."""
        seed = np.random.SeedSequence([self.batches.seed, self.state.step, self.world.rank]).generate_state(1)
        torch.manual_seed(int(seed[0]))

    def _computed_by(self, forward: Callable[[Tensor], Tensor]) -> Gradients | ReplayedGradients:
        """Return what computes the gradients of a batch with this forward pass."""
        gradients = Gradients(
            self.state.classifier,
            forward,
            self._loss,
            compute=self.compute,
            batch_size=self.batches.recipe.batch_size,
            processes=self.world.size,
        )
        if self._cuda_graph == "no" or self._compile == "yes":
            return gradients
        required = self._cuda_graph == "yes"
        return ReplayedGradients(gradients, device=self.compute.device, required=required, progress=self.progress)

    def compile_if_worthwhile(self, total_steps: int) -> None:
        """After the first steps, use torch.compile if it saves time in the rest and the configuration leaves it open.

        Args:
            total_steps: The number of steps of the training.
        """
        if self._choice is None or not self._choice.is_ready:
            return
        worthwhile, reason = self._choice.decide(total_steps - self.state.step)
        self._choice = None
        self.progress.say(reason)
        if worthwhile:
            self._compile = "yes"
            self._gradients = self._computed_by(torch.compile(self.state.classifier.network))
