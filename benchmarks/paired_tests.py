"""How often equally good models are called different, and how often a paired interval contains the true difference.

    python benchmarks/paired_tests.py > benchmarks/paired_tests.jsonl       # 1,000 repetitions: some ten minutes
    python benchmarks/paired_tests.py --table                               # the table in docs/simulations.md

Two models see the same patients. The patients' effects (standard deviation 0.85 on the logit scale) and the noise of
the images have a correlation of 0.6 between the models. For the coverage, the second model is better by 0.3 on the
logit scale. Each patient has 24 images, 30 % are benign. In the third kind of populations, one patient in five is hard,
by 2 on the logit scale: benchmarks/coverage_populations.py, on which the intervals were tuned, has no such patients.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit, logit, ndtr
from simulations import Row, run_simulation

from zoo.metrics.names import measure_name
from zoo.metrics.paired import paired_differences
from zoo.metrics.predictions import check_predictions

MEASURES = ("accuracy", "balanced_accuracy", "auroc", "recall", "specificity")
ALIKE, GAIN, DEVIATION, IMAGES, BENIGN = 0.6, 0.3, 0.85, 24, 0.3
SETTINGS = [
    (kind, centre, patients)
    for kind in ("one class", "both classes", "hard patients")
    for centre in (1.5, 4.2)
    for patients in (10, 25, 80)
]
"""Kind of patients, the mean margin on the logit scale, and the number of patients."""
RESULTS = Path(__file__).resolve().parent / "paired_tests.jsonl"


def main() -> None:
    """Simulate all settings and print their results, or print the table of the stored ones."""

    def simulated(repetitions: int) -> Iterator[Row]:
        for number in range(len(SETTINGS)):
            yield {"setting": number, **simulate(number, repetitions)}

    run_simulation(__doc__, repetitions=1000, stored=RESULTS, simulated=simulated, table=table)


def simulate(number: int, repetitions: int) -> dict[str, Any]:
    """Return the false-positive rate and the coverage of one setting, and the share of test sets without a test."""
    generator = np.random.default_rng(number)
    truth = _true_differences(number)
    rejected: dict[str, list[bool]] = {name: [] for name in MEASURES}
    covered: dict[str, list[bool]] = {name: [] for name in MEASURES}
    for _ in range(repetitions):
        for gain, found in ((0.0, rejected), (GAIN, covered)):
            differences = paired_differences(*_two_models(number, gain, generator))
            for name in MEASURES:
                one = differences.get(name)
                if one is None or one.p is None or one.interval is None:
                    continue
                low, high = one.interval
                found[name].append(one.p < 0.05 if gain == 0 else low <= truth[name] <= high)
    return {
        "repetitions": repetitions,
        "false_positives": {name: float(np.mean(values)) for name, values in rejected.items()},
        "coverage": {name: float(np.mean(values)) for name, values in covered.items()},
        "none": {name: 1 - len(values) / repetitions for name, values in rejected.items()},
    }


def _two_models(number: int, gain: float, generator: np.random.Generator, patients: int | None = None) -> Any:
    """Return the predictions of two models for the same images; the second one's margins are higher by `gain`."""
    kind, centre, own = SETTINGS[number]
    count = patients or own
    benign = (np.arange(count) < round(BENIGN * count)).astype(float)
    if kind == "both classes":
        benign = generator.beta(4 * BENIGN, 4 * (1 - BENIGN), size=count)
    units = np.repeat(np.arange(count), IMAGES)
    labels = (generator.random(len(units)) >= benign[units]).astype(int)
    effects = _pair(generator.normal(size=(2, count, 2)))
    if kind == "hard patients":
        effects = 0.4 * effects - 2 / DEVIATION * (generator.random((count, 1)) < 0.2)
    noise = logit(ndtr(_pair(generator.normal(size=(2, len(units))))).clip(1e-12, 1 - 1e-12))
    models = []
    for model, shift in enumerate((0.0, gain)):
        margins = centre + shift + DEVIATION * effects[model][units, labels] + noise[model]
        scores = np.where(labels == 1, margins, -margins)[:, None]
        groups = [f"{unit:06d}" for unit in units]
        models.append([check_predictions(labels=labels, logits=scores, classes=("benign", "malignant"), groups=groups)])
    return models[1], models[0]


def _pair(values: np.ndarray) -> np.ndarray:
    """Return two arrays of standard normal values with the correlation of the two models."""
    return np.stack([values[0], ALIKE * values[0] + np.sqrt(1 - ALIKE**2) * values[1]])


def _true_differences(number: int) -> dict[str, float]:
    """Return the true differences, of very many patients."""
    from zoo.metrics.unit_measures import UnitMeasures

    found = _two_models(number, GAIN, np.random.default_rng(10_000 + number), patients=40_000)
    values = [UnitMeasures(model[0]).values() for model in found]
    return {name: values[0][name] - values[1][name] for name in MEASURES}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the table as Markdown: false positives, and in parentheses the coverage."""
    names = [measure_name(name) for name in MEASURES]
    lines = [f"| patients | true accuracy about | {' | '.join(names)} |", f"|---|---|{'---|' * len(names)}"]
    for row in rows:
        kind, centre, patients = SETTINGS[row["setting"]]
        cells = [
            f"{row['false_positives'][name]:.3f} ({row['coverage'][name]:.3f})"
            + (f", {row['none'][name]:.0%} none" if row["none"][name] >= 0.005 else "")
            for name in MEASURES
        ]
        nodes, weights = np.polynomial.hermite_e.hermegauss(61)
        accuracy = float(expit(centre + DEVIATION * nodes) @ weights / weights.sum())
        about = "–" if kind == "hard patients" else f"{accuracy:.2f}"
        lines.append(f"| {patients}, {kind} | {about} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
