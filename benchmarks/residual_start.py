"""How the last norm of a residual branch should start: at 1, at 0.1, or at 0, from scratch.

python benchmarks/residual_start.py [--idc FOLDER] [--models resnet20,cbam20,senet20] [--seeds 6]

Trains each network on patients of the synthetic sample, or of IDC, and prints the balanced accuracy on other patients.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from functools import partial
from pathlib import Path

from short_trainings import balanced_accuracy, logits_of, print_comparison, print_trial, train, trials
from torch import nn

from zoo.classifier import Classifier
from zoo.registry import registry


def scale_last_norms(classifier: Classifier, *, scale: float) -> None:
    """Set the scale of the last batch norm on every residual branch."""
    for block in classifier.network.modules():
        norms = [name for name, _ in block.named_children() if name.startswith("bn")]
        if norms and hasattr(block, "conv2"):
            last = block.get_submodule(max(norms))  # in seresnet50 the norm and squeeze-and-excitation after it
            norm = next(layer for layer in last.modules() if isinstance(layer, nn.BatchNorm2d))
            nn.init.constant_(norm.weight, scale)


def main() -> None:
    """Run the benchmark and print a table for each network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idc", type=Path)
    parser.add_argument("--models", default="resnet20,cbam20,senet20")
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--fraction", type=float, default=0.6, help="the share of the pool that is trained on")
    parser.add_argument("--scales", default="1,0.1,0", help="the first is compared with the others")
    given = parser.parse_args()
    scales = [float(scale) for scale in given.scales.split(",")]
    recipe = registry().recipe("modern").changed({"epochs": given.epochs, "lr": 1e-3, "averaging": 0.0})
    for name in given.models.split(","):
        results: dict[str, list[float]] = defaultdict(list)
        for trial in trials(given.idc, given.seeds, size=given.size):
            split = trial.split((given.fraction, 0.0))
            for scale in scales:
                trained = train(name, trial, split, recipe, change=partial(scale_last_norms, scale=scale))
                found = logits_of(trained, trial, trial.test)
                results[f"{name}, scale {scale:g}"].append(balanced_accuracy(found, trial.labels[list(trial.test)]))
            print_trial(trial, results)
        print(f"\n{name}, {'IDC' if given.idc else 'synthetic sample'}, {given.seeds} seeds, {given.epochs} epochs")
        print_comparison(results, f"{name}, scale {scales[0]:g}")


if __name__ == "__main__":
    main()
