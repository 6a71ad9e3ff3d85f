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
from zoo.training.compute import ComputePlan, compiling_saves_time
from zoo.training.loss import make_loss
from zoo.training.state import State

TIMED_STEPS = 20
"""After this many steps it is decided whether to use torch.compile."""


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
        module: nn.Module = classifier.network
        if world.exchanges:
            device = self.compute.device
            module = DistributedDataParallel(module, device_ids=[device] if device.type == "cuda" else None)
        self._forward: Callable[[Tensor], Tensor] = torch.compile(module) if self._compile == "yes" else module

    def run(self, epoch: int, number: int) -> Tensor:
        """Train on one batch of an epoch, and return this process's share of the mean loss."""
        state, world = self.state, self.world
        # random numbers of the network (dropout) depend on the step alone, so a resumed run draws the same ones
        seed = np.random.SeedSequence([self.batches.seed, state.step, world.rank]).generate_state(1)
        torch.manual_seed(int(seed[0]))
        batch = self.batches.take(epoch, number, world.part(self.batches.recipe.batch_size))
        with self.compute.autocast():
            logits = self._forward(self.compute.arrange(state.classifier.normalize(batch.images)))
        losses = self._loss.sum(logits, batch.labels, batch.other_labels, batch.own_share)
        loss = losses / self.batches.recipe.batch_size
        state.optimizer.zero_grad(set_to_none=True)
        scaled = loss if world.size == 1 else loss * world.size  # DistributedDataParallel averages the gradients
        scaled.backward()  # type: ignore[no-untyped-call]
        state.optimizer.step()
        state.step += 1
        if state.average:
            state.average.update(state.step)
        return loss.detach()

    def compile_if_worthwhile(self, total_steps: int) -> None:
        """After the first steps, use torch.compile if it saves time in the rest and the configuration leaves it open.

        Args:
            total_steps: The number of steps of the training.
        """
        if self._compile != "auto" or self.state.step < TIMED_STEPS:
            return
        self._compile = "no"
        seconds_left = self.state.seconds / self.state.step * (total_steps - self.state.step)
        worthwhile = compiling_saves_time(seconds_left)
        self.progress.say(f"{'compiling' if worthwhile else 'not compiling'}: {seconds_left:.0f} s are left to train")
        if worthwhile:
            self._forward = torch.compile(self.state.classifier.network)
