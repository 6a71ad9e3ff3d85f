"""How often the comparison in a grid's table calls equally good models different, and how often it covers the truth.

    python benchmarks/paired_grids.py > benchmarks/paired_grids.jsonl       # 500 repetitions: some ten minutes
    python benchmarks/paired_grids.py --table                               # the table in docs/simulations.md

Two models are trained several times. A training shifts the margins of all patients by an amount of standard deviation
0.3 on the logit scale, of whose variance the trainings of a model may have half in common, since they share training
images; each model has its own shifts. The patients, who have a class each, are those of benchmarks/paired_tests.py,
with 12 images each. The truth is the difference between the means over trainings and patients.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import logit, ndtr
from simulations import Row, run_simulation

from zoo.metrics.names import measure_name
from zoo.metrics.paired import TestPart, Training, differences_over_parts, spread_between_trainings
from zoo.metrics.predictions import check_predictions

MEASURES = ("accuracy", "balanced_accuracy", "auroc")
ALIKE, CENTRE, GAIN, DEVIATION, IMAGES, BENIGN = 0.6, 1.5, 0.3, 0.85, 12, 0.3
TRAININGS, TEST = 0.3, 0.3
SETTINGS = [
    ("seeds of training on one split", 2, 30, 0.0),
    ("seeds of training on one split", 5, 30, 0.0),
    ("seeds of training on one split", 5, 30, 0.5),
    ("seeds, each with its own split", 2, 80, 0.5),
    ("seeds, each with its own split", 5, 80, 0.0),
    ("seeds, each with its own split", 5, 80, 0.5),
    ("folds of one split", 3, 60, 0.5),
    ("folds of one split", 5, 60, 0.0),
    ("folds of one split", 5, 60, 0.5),
    ("folds of one split", 10, 60, 0.5),
]
"""Kind of grid, runs of each model, patients (of the test part for one split, of the whole data otherwise), and the
share of the variance between trainings that is common to all trainings of a model."""
RESULTS = Path(__file__).resolve().parent / "paired_grids.jsonl"


def main() -> None:
    """Simulate all settings and print their results, or print the table of the stored ones."""

    def simulated(repetitions: int) -> Iterator[Row]:
        truth = true_differences(GAIN)
        for number in range(len(SETTINGS)):
            yield {"setting": number, **simulate(number, repetitions, truth)}

    run_simulation(__doc__, repetitions=500, stored=RESULTS, simulated=simulated, table=table)


def simulate(number: int, repetitions: int, truth: dict[str, float]) -> dict[str, Any]:
    """Return the false-positive rate, the coverage and the mean width of the intervals of one setting."""
    generator = np.random.default_rng(number)
    rejected: dict[str, list[bool]] = {name: [] for name in MEASURES}
    covered: dict[str, list[bool]] = {name: [] for name in MEASURES}
    widths: dict[str, list[float]] = {name: [] for name in MEASURES}
    for _ in range(repetitions):
        for gain in (0.0, GAIN):
            parts = _grid(number, gain, generator)
            spread = spread_between_trainings([parts[0].first, parts[0].second]) if len(parts) == 1 else None
            found = differences_over_parts(parts, spread=spread)
            for name in MEASURES:
                one = found.get(name)
                if one is None or one.p is None or one.interval is None:
                    continue
                low, high = one.interval
                if gain:
                    covered[name].append(low <= truth[name] <= high)
                    widths[name].append(high - low)
                else:
                    rejected[name].append(one.p < 0.05)
    return {
        "repetitions": repetitions,
        "false_positives": {name: float(np.mean(values)) for name, values in rejected.items()},
        "coverage": {name: float(np.mean(values)) for name, values in covered.items()},
        "width": {name: float(np.mean(values)) for name, values in widths.items()},
    }


def _grid(number: int, gain: float, generator: np.random.Generator) -> list[TestPart]:
    """Return the test parts of a grid of two models; the first one's margins are higher by `gain`."""
    kind, runs, patients, shared = SETTINGS[number]
    benign = generator.permutation(np.arange(patients) < round(BENIGN * patients))
    effects = _pair(generator.normal(size=(2, patients)))
    common = np.sqrt(shared) * generator.normal(size=(2, 1))
    shifts = TRAININGS * (common + np.sqrt(1 - shared) * generator.normal(size=(2, runs)))
    if kind.endswith("on one split"):
        tested = [np.arange(patients)]
    elif kind.startswith("folds"):
        tested = [np.sort(part) for part in _by_class(benign, runs)]
    else:
        tested = [np.sort(np.concatenate(_drawn(benign, generator))) for _ in range(runs)]
    parts = []
    for index, members in enumerate(tested):
        own = shifts if len(tested) == 1 else shifts[:, index : index + 1]
        part = _part(members, ~benign[members], effects[:, members], own, gain, generator)
        parts.append(replace(part, held_out=len(members) / (patients - len(members)) if len(tested) > 1 else 0.0))
    return parts


def _by_class(benign: np.ndarray, folds: int) -> list[np.ndarray]:
    """Return the patients of each fold, with about as many of each class in each."""
    order = np.argsort(benign, kind="stable")
    return [order[fold::folds] for fold in range(folds)]


def _drawn(benign: np.ndarray, generator: np.random.Generator) -> list[np.ndarray]:
    """Return the patients of a random test part, the same share of each class."""
    members = [np.flatnonzero(benign == kind) for kind in (False, True)]
    return [generator.choice(one, round(TEST * len(one)), replace=False) for one in members]


def _part(
    units: np.ndarray,
    malignant: np.ndarray,
    effects: np.ndarray,
    shifts: np.ndarray,
    gain: float,
    generator: np.random.Generator,
) -> TestPart:
    """Return the trainings of both models that were tested on these patients."""
    labels, local = np.repeat(malignant.astype(int), IMAGES), np.repeat(np.arange(len(units)), IMAGES)
    groups = [f"{unit:06d}" for unit in local]
    trainings: list[list[Training]] = [[], []]
    for run in range(shifts.shape[1]):
        noise = logit(ndtr(_pair(generator.normal(size=(2, len(local))))).clip(1e-12, 1 - 1e-12))
        for model, better in enumerate((gain, 0.0)):
            margins = CENTRE + better + shifts[model, run] + DEVIATION * effects[model][local] + noise[model]
            scores = np.where(labels == 1, margins, -margins)[:, None]
            samples = check_predictions(labels=labels, logits=scores, classes=("benign", "malignant"), groups=groups)
            trainings[model].append(Training(samples))
    return TestPart(first=trainings[0], second=trainings[1], units=units)


def _pair(values: np.ndarray) -> np.ndarray:
    """Return two arrays of standard normal values with the correlation of the two models."""
    return np.stack([values[0], ALIKE * values[0] + np.sqrt(1 - ALIKE**2) * values[1]])


def true_differences(gain: float, *, trainings: int = 200, patients: int = 2000) -> dict[str, float]:
    """Return the differences of the means over very many trainings, each with other patients."""
    generator = np.random.default_rng(10_000)
    malignant = np.arange(patients) >= round(BENIGN * patients)
    found = []
    for _ in range(trainings):
        effects = _pair(generator.normal(size=(2, patients)))
        shifts = TRAININGS * generator.normal(size=(2, 1))
        part = _part(np.arange(patients), malignant, effects, shifts, gain, generator)
        found.append([part.first[0].values[name] - part.second[0].values[name] for name in MEASURES])
    return dict(zip(MEASURES, map(float, np.mean(found, axis=0)), strict=True))


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the table as Markdown: false positives, and in parentheses the coverage and the mean width."""
    lines = [
        f"| grid | patients | in common | {' | '.join(map(measure_name, MEASURES))} |",
        f"|---|---|---|{'---|' * len(MEASURES)}",
    ]
    for row in rows:
        kind, runs, patients, shared = SETTINGS[row["setting"]]
        cells = [
            f"{row['false_positives'][name]:.3f} ({row['coverage'][name]:.3f}, {row['width'][name]:.3f})"
            for name in MEASURES
        ]
        lines.append(f"| {runs} {kind} | {patients} | {shared:.0%} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
