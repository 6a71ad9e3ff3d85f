"""Why the validation loss of a training without averaged weights jumps in its early epochs.

    python benchmarks/validation_jumps.py [--model dala] [--recipe quick] [--epochs 24]

Trains on patients of the synthetic sample. After each epoch the loss on other patients is measured twice: with the
batch norm statistics that the network has gathered in training, as `zoo train` prints it, and with statistics of the
training images that are computed anew with the weights at the end of the epoch.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from copy import deepcopy

import torch
from short_trainings import Trial, logits_of, train, trials
from torch.nn.modules.batchnorm import _BatchNorm

from zoo.classifier import Classifier
from zoo.data.device_images import DeviceImages
from zoo.registry import registry
from zoo.training.loop import TrainingLoop
from zoo.training.validation import validate

BATCH = 64


def main() -> None:
    """Run the benchmark and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="dala")
    parser.add_argument("--recipe", default="quick")
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    recipe = registry().recipe(given.recipe).changed({"epochs": given.epochs})
    *_, trial = trials(None, given.seed + 1, size=recipe.height or 96)
    split = trial.split((0.6, 0.4))
    print(f"{'epoch':>5} {'learning rate':>13} {'statistics as gathered':>23} {'computed anew':>14}", flush=True)

    def measure(loop: TrainingLoop) -> None:
        classifier, rate = loop.state.evaluated, loop.state.optimizer.param_groups[0]["lr"]
        losses = [_loss(one, trial, split.val) for one in (classifier, _anew(classifier, trial, split.train))]
        print(f"{len(loop.state.rows):5} {rate:13.5f} {losses[0]:23.3f} {losses[1]:14.3f}", flush=True)

    train(given.model, trial, split, recipe, after_epoch=measure)


def _loss(classifier: Classifier, trial: Trial, indices: Sequence[int]) -> float:
    return validate(logits_of(classifier, trial, indices), trial.labels[list(indices)]).val_loss or 0.0


@torch.no_grad()
def _anew(classifier: Classifier, trial: Trial, indices: Sequence[int]) -> Classifier:
    """Return a copy whose batch norm statistics are those of these images, with its present weights."""
    copy = deepcopy(classifier).eval()
    for layer in copy.modules():
        if isinstance(layer, _BatchNorm):
            layer.reset_running_stats()
            layer.momentum = None  # the mean over all batches
            layer.train()
    for x in _batches(copy, trial, indices):
        copy(x)
    return copy.eval()


def _batches(classifier: Classifier, trial: Trial, indices: Sequence[int]) -> Iterator[torch.Tensor]:
    images = DeviceImages(trial.prepared.pixels, torch.device("cpu"))
    for start in range(0, len(indices), BATCH):
        yield classifier.normalize(images.take(indices[start : start + BATCH]))


if __name__ == "__main__":
    main()
