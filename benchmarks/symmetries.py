"""Which symmetries to train with, when images are wider than high: flips, or also the transposition.

python benchmarks/symmetries.py [--seeds 8]

The synthetic sample has the shape of BreakHis' images. Squashed to a square, a transposed image is stretched in a
direction that no test image is stretched in; cropped to a square, it is not. Trains with the settings of `modern`, and
prints the balanced accuracy on other patients.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from contextlib import nullcontext
from typing import get_args
from unittest.mock import patch

import torch
from short_trainings import balanced_accuracy, logits_of, print_comparison, print_trial, train, trials
from torch import Tensor

from zoo.data.augmentation import symmetries
from zoo.registry import registry
from zoo.spec import Fit

EIGHT = symmetries.apply


def flips(batch: Tensor, draws: Tensor) -> Tensor:
    """Flip images left to right and top to bottom, each at random."""
    return EIGHT(batch, torch.cat([draws[:, :2], torch.ones_like(draws[:, 2:])], dim=1))


def main() -> None:
    """Run the benchmark and print a table for each way of making an image square."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--epochs", type=int, default=16)
    given = parser.parse_args()
    recipe = registry().recipe("modern").changed({"epochs": given.epochs, "lr": 1e-3})
    for fit in get_args(Fit):
        results: dict[str, list[float]] = defaultdict(list)
        for trial in trials(None, given.seeds, size=given.size, fit=fit):
            split = trial.split((0.7, 0.0))
            for name, change in (
                ("flips and transposition", nullcontext()),
                ("flips", patch.object(symmetries, "apply", flips)),
            ):
                with change:
                    trained = train(given.model, trial, split, recipe)
                logits = logits_of(trained, trial, trial.test)
                results[name].append(balanced_accuracy(logits, trial.labels[list(trial.test)]))
            print_trial(trial, results)
        print(f"\n{given.model}, synthetic sample, fit={fit}, {given.seeds} seeds, {given.epochs} epochs")
        print_comparison(results, "flips and transposition")


if __name__ == "__main__":
    main()
