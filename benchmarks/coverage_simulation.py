"""How often the 95 % intervals contain the true value, and how wide they are.

    python benchmarks/coverage_simulation.py > benchmarks/coverage.jsonl     # 1,000 repetitions: a quarter of an hour
    python benchmarks/coverage_tables.py                          # the tables in docs/simulations.md

Test sets are drawn again and again from populations whose true values are known: patients who are easy or hard as a
whole (an effect on the logit scale), with 24 images each. For each test set `zoo.metrics.measure` gives its intervals;
beside them stand the percentile bootstrap over patients, and the intervals of `measure` where the patients are not
known. Printed, a line of JSON for each setting, are the share of intervals that contain the true value, their mean
width, and the share of test sets without an interval. The same number of repetitions gives the same results.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from coverage_populations import SETTINGS, Population, draw, true_values

from zoo.metrics import measure

RESAMPLES = 400
BOOTSTRAPPED = ("accuracy", "balanced_accuracy", "auroc", "recall", "specificity")


def main() -> None:
    """Simulate all settings and print their results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--only", type=int, nargs="+", default=range(len(SETTINGS)), help="numbers of settings")
    given = parser.parse_args()
    for number in given.only:
        found = simulate(SETTINGS[number], given.repetitions, seed=number)
        print(json.dumps({"setting": number, "repetitions": given.repetitions, **found}), flush=True)


def simulate(population: Population, repetitions: int, *, seed: int) -> dict[str, Any]:
    """Return, for each method and measure, the coverage, the mean width and the share without an interval."""
    truth = true_values(population)
    generator = np.random.default_rng(seed)
    found: dict[str, dict[str, list[Any]]] = {}
    for _ in range(repetitions):
        labels, logits, patients = draw(population, generator)
        names = [f"{patient:03d}" for patient in patients]
        measured = partial(
            measure, labels=labels, logits=logits[:, None], classes=("benign", "malignant"), minority="benign"
        )
        methods: dict[str, Mapping[str, Any]] = {"zoo": measured(groups=names).intervals}
        if not (population.unequal or population.mixed):
            methods["bootstrap"] = bootstrap(labels, logits, patients, generator)
            methods["unknown patients"] = measured().intervals
        for method, intervals in methods.items():
            for name, interval in intervals.items():
                found.setdefault(method, {}).setdefault(name, []).append(interval)
    return {
        method: {name: summarize(intervals, truth[name]) for name, intervals in measures.items()}
        for method, measures in found.items()
    }


def summarize(intervals: list[tuple[float, float] | None], truth: float) -> dict[str, float]:
    """Return the true value, the coverage and mean width of the intervals, and the share of repetitions without one."""
    known = np.array([interval for interval in intervals if interval is not None]).reshape(-1, 2)
    summary = {"truth": round(truth, 4), "none": round(1 - len(known) / len(intervals), 4)}
    if len(known):
        summary["coverage"] = round(float(((known[:, 0] <= truth) & (truth <= known[:, 1])).mean()), 4)
        summary["width"] = round(float((known[:, 1] - known[:, 0]).mean()), 4)
    return summary


def bootstrap(
    labels: np.ndarray, logits: np.ndarray, patients: np.ndarray, generator: np.random.Generator
) -> dict[str, tuple[float, float]]:
    """Return 95 % percentile intervals: patients drawn with replacement among those with the same classes."""
    count = int(patients.max()) + 1
    positive = labels == 1
    of = [np.bincount(patients[positive == kind], minlength=count) for kind in (False, True)]
    found = (logits > 0) == positive
    right = [np.bincount(patients[(positive == kind) & found], minlength=count) for kind in (False, True)]
    beaten = (logits[positive][:, None] > logits[~positive]).astype(float)
    wins = np.add.reduceat(beaten, np.flatnonzero(np.diff(patients[positive], prepend=-1)), axis=0)
    wins = np.add.reduceat(wins, np.flatnonzero(np.diff(patients[~positive], prepend=-1)), axis=1)
    kinds = (of[0] > 0) + 2 * (of[1] > 0)
    weights = np.zeros((RESAMPLES, count))
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        weights[:, members] = generator.multinomial(len(members), np.full(len(members), 1 / len(members)), RESAMPLES)
    negatives, positives = weights @ of[0], weights @ of[1]
    specificity, recall = weights @ right[0] / negatives, weights @ right[1] / positives
    values = {
        "accuracy": (weights @ right[0] + weights @ right[1]) / (negatives + positives),
        "balanced_accuracy": (specificity + recall) / 2,
        "auroc": (weights[:, of[1] > 0] @ wins * weights[:, of[0] > 0]).sum(axis=1) / (negatives * positives),
        "recall": recall,
        "specificity": specificity,
    }
    ends = np.quantile(np.stack([values[name] for name in BOOTSTRAPPED]), [0.025, 0.975], axis=1)
    return {name: (float(low), float(high)) for name, low, high in zip(BOOTSTRAPPED, *ends, strict=True)}


if __name__ == "__main__":
    main()
