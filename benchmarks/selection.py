"""Which weights to keep: those of the best epoch on a validation part, or the last averaged ones.

python benchmarks/selection.py [--idc FOLDER] [--seeds 8]

Trains with the settings of `modern` on patients of the synthetic sample, or of IDC, and prints the balanced accuracy on
other patients. A larger validation part leaves fewer patients to train on, and without one more are left.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from short_trainings import balanced_accuracy, logits_of, print_comparison, train, trials

from zoo.registry import registry
from zoo.training.loop import TrainingLoop

PARTS = ((0.6, 0.1), (0.5, 0.2), (0.7, 0.0))
"""The shares of the training and the validation part; the rest is not used, as the test patients are others."""


def main() -> None:
    """Run the benchmark and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idc", type=Path)
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=10)
    given = parser.parse_args()
    recipe = registry().recipe("modern").changed({"epochs": given.epochs, "lr": 1e-3})
    results: dict[str, list[float]] = defaultdict(list)
    patients = []
    for trial in trials(given.idc, given.seeds, size=given.size):
        for parts in PARTS:
            split = trial.split(parts)
            rows: list[tuple[float, float]] = []

            def measure(loop: TrainingLoop, split: object = split, rows: list[tuple[float, float]] = rows) -> None:
                val, test = split.val, split.test  # type: ignore[attr-defined]
                logits = logits_of(loop.state.evaluated, trial, (*val, *test))  # noqa: B023
                labels = trial.labels[[*val, *test]]  # noqa: B023
                chosen_by = balanced_accuracy(logits[: len(val)], labels[: len(val)]) if val else 0.0
                rows.append((chosen_by, balanced_accuracy(logits[len(val) :], labels[len(val) :])))

            train(given.model, trial, split, recipe, after_epoch=measure)
            val, test = np.array(rows).T
            text = f"training on {parts[0]:.0%}"
            if split.val:
                results[f"{text}, best epoch on {parts[1]:.0%}"].append(test[val.argmax()])
                patients.append(len({trial.prepared.manifest.samples[index].group for index in split.val}))
            results[f"{text}, last averaged weights"].append(test[-1])
            results[f"{text}, best epoch on the test part (cheating)"].append(test.max())
    print(f"\n{given.model}, {'IDC' if given.idc else 'synthetic sample'}, {given.seeds} seeds, {given.epochs} epochs;")
    print(f"validation parts of {min(patients)} to {max(patients)} patients")
    print_comparison(results, next(iter(results)))


if __name__ == "__main__":
    main()
