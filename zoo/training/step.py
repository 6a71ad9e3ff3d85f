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
from zoo.training.compute import ComputePlan, compiling_pays
from zoo.training.loss import make_loss
from zoo.training.state import State

TIMED = 20
"""Steps after which torch.compile is weighed."""


class TrainingStep:
    """A batch forward, back, and a step of the optimiser. Each process does its part of it."""

    def __init__(
        self, state: State, batches: Batches, *, compute: ComputePlan, world: World, progress: Reporter
    ) -> None:
        self.state, self.batches, self.world, self.progress = state, batches, world, progress
        self.compute, self._compile = compute.compute, compute.compiled
        classifier, recipe = state.classifier, batches.recipe
        labels = batches.data.labels[batches.train].tolist()
        head, classes = classifier.config.head, len(classifier.classes)
        self._loss = make_loss(head, recipe, labels, classes, self.compute.device)
        module: nn.Module = classifier.network
        if world.size > 1:
            device = self.compute.device
            module = DistributedDataParallel(module, device_ids=[device] if device.type == "cuda" else None)
        self._forward: Callable[[Tensor], Tensor] = torch.compile(module) if self._compile == "yes" else module

    def run(self, epoch: int, number: int) -> Tensor:
        """Do it; gives this process's part of the mean loss."""
        state, world = self.state, self.world
        # what a network draws (dropout) depends on the step alone, so a resumed run draws the same
        drawn = np.random.SeedSequence([self.batches.seed, state.step, world.rank]).generate_state(1)
        torch.manual_seed(int(drawn[0]))
        batch = self.batches.take(epoch, number, world.part(self.batches.recipe.batch_size))
        with self.compute.autocast():
            logits = self._forward(self.compute.arrange(state.classifier.normalise(batch.images)))
        losses, weights = self._loss.parts(logits, batch.labels, batch.others, batch.own)
        loss = losses / world.sum(weights)
        state.optimizer.zero_grad(set_to_none=True)
        shared = loss if world.size == 1 else loss * world.size  # the processes' gradients are averaged
        shared.backward()  # type: ignore[no-untyped-call]
        state.optimizer.step()
        state.step += 1
        if state.average:
            state.average.follow(state.step)
        return loss.detach()

    def weigh_compiling(self, steps: int) -> None:
        """Once the first of so many steps are timed, and if nobody has decided: compile the rest if it is long."""
        if self._compile != "auto" or self.state.step < TIMED:
            return
        self._compile = "no"
        left = self.state.seconds / self.state.step * (steps - self.state.step)
        pays = compiling_pays(left)
        self.progress.say(f"{'compiling' if pays else 'not compiling'}: {left:.0f} s are left to train")
        if pays:
            self._forward = torch.compile(self.state.classifier.network)
