"""Which weights to keep: those of the best epoch on a validation part, or the last averaged ones.

python benchmarks/selection.py [--idc FOLDER] [--seeds 8]

Trains with the settings of `modern` on 60 % of some patients of the synthetic sample, or of IDC, and prints the
balanced accuracy on others. Many validation parts of each size are drawn from the remaining 40 %. Without a validation
part, its patients can be trained on: this is the last row.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from short_trainings import balanced_accuracy, logits_of, print_comparison, print_trial, train, trials

from zoo.registry import registry
from zoo.training.loop import TrainingLoop

DRAWS = 50
"""How many validation parts of each size are drawn for one training; their mean is the result of that training."""
LAST = "last averaged weights"


def main() -> None:
    """Run the benchmark and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idc", type=Path)
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=8)
    given = parser.parse_args()
    recipe = registry().recipe("modern").changed({"epochs": given.epochs, "lr": 1e-3})
    results: dict[str, list[float]] = defaultdict(list)
    for trial in trials(given.idc, given.seeds, size=given.size):
        split = trial.split((0.6, 0.4))
        epochs: list[np.ndarray] = []

        def measure(loop: TrainingLoop, epochs: list[np.ndarray] = epochs) -> None:
            epochs.append(logits_of(loop.state.evaluated, trial, (*split.val, *split.test)))  # noqa: B023

        train(given.model, trial, split, recipe, after_epoch=measure)
        labels, count = trial.labels, len(split.val)
        test = np.array([balanced_accuracy(logits[count:], labels[list(split.test)]) for logits in epochs])
        owners = np.array([trial.prepared.manifest.samples[index].group for index in split.val])
        patients = sorted(set(owners))
        generator = np.random.default_rng(trial.seed)
        for share in (0.1, 0.2, 0.4):
            size = round(share / 0.4 * len(patients))
            chosen = []
            for _ in range(DRAWS):
                part = np.isin(owners, generator.choice(patients, size, replace=False))
                known = labels[np.array(split.val)[part]]
                if len(set(known.tolist())) > 1:  # a validation part has images of both classes
                    chosen.append(int(np.argmax([balanced_accuracy(logits[:count][part], known) for logits in epochs])))
            results[f"best epoch on {share:.0%} of the patients"].append(float(test[chosen].mean()))
        results[LAST].append(float(test[-1]))
        results["best epoch on the test part itself"].append(float(test.max()))
        longer = trial.split((0.7, 0.0))
        logits = logits_of(train(given.model, trial, longer, recipe), trial, longer.test)
        results[f"{LAST}, trained on 70 %"].append(balanced_accuracy(logits, labels[list(longer.test)]))
        print_trial(trial, results)
    print(f"\n{given.model}, {'IDC' if given.idc else 'synthetic sample'}, {given.seeds} seeds, {given.epochs} epochs")
    print_comparison(results, LAST)


if __name__ == "__main__":
    main()
