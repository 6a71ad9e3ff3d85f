"""What a temperature is worth that was fitted on few validation patients: without a prior, and with that of the zoo.

    python benchmarks/few_validation_patients.py > benchmarks/few_validation_patients.jsonl       # some minutes
    python benchmarks/few_validation_patients.py --table                          # the table in docs/simulations.md

The populations are those of benchmarks/calibration.py. The logits are too small, as they are, or too large, by the
factors in FACTORS: at 0.7 they are nearly right for new patients, since the patients differ. What is fitted is measured
on 200 new patients.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from coverage_populations import Population, draw
from scipy.special import expit
from simulations import Row, run_simulation

from zoo.calibration import fit_temperature
from zoo.calibration.temperature import SPREAD
from zoo.metrics.calibration_error import expected_calibration_error

NEW = 200
FACTORS = (0.7, 1.0, 1.5, 3.0)
SETTINGS = [(patients, mixed) for patients in (2, 3, 4, 5, 8, 12, 20) for mixed in (False, True)]
METHODS = ("uncalibrated", "without a prior", "with the prior")
RESULTS = Path(__file__).resolve().parent / "few_validation_patients.jsonl"


def main() -> None:
    """Simulate all settings and print their results, or print the table of the stored ones."""

    def simulated(repetitions: int) -> Iterator[Row]:
        for number in range(len(SETTINGS)):
            yield from simulate(number, repetitions)

    run_simulation(__doc__, repetitions=400, stored=RESULTS, simulated=simulated, table=table)


def simulate(number: int, repetitions: int) -> list[dict[str, Any]]:
    """Return the mean loss and calibration error of each method over all repetitions, a row for each factor."""
    generator = np.random.default_rng(number)
    patients, mixed = SETTINGS[number]
    validation, several = (
        Population(patients=count, accuracy=0.785, deviation=1.0, mixed=mixed, unequal=True)
        for count in (patients, NEW)
    )
    found: dict[tuple[float, str], list[tuple[float, float]]] = {}
    for _ in range(repetitions):
        labels, logits, groups = draw(validation, generator)
        new_labels, new_logits, _ = draw(several, generator)
        for factor in FACTORS:
            columns = np.stack([np.zeros(len(logits)), factor * logits], axis=1)
            names = [str(group) for group in groups]
            for method, spread in zip(METHODS, (None, math.inf, SPREAD), strict=True):
                fitted = None if spread is None else fit_temperature(columns, labels, groups=names, spread=spread)[0]
                measured = _measured(factor * new_logits / (fitted or 1.0), new_labels)
                found.setdefault((factor, method), []).append(measured)
    rows = []
    for factor in FACTORS:
        row: dict[str, Any] = {"setting": number, "factor": factor, "repetitions": repetitions}
        for method in METHODS:
            loss, error = np.mean(found[factor, method], axis=0)
            row |= {f"loss {method}": round(float(loss), 5), f"error {method}": round(float(error), 5)}
        rows.append(row)
    return rows


def _measured(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the mean cross-entropy and the expected calibration error."""
    positive = expit(logits)
    loss = np.logaddexp(0, -logits * np.where(labels == 1, 1, -1)).mean()
    return float(loss), expected_calibration_error(np.stack([1 - positive, positive], axis=1), labels)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the means over all factors and both kinds of patients as a Markdown table, and what is lost at worst."""
    lines = [
        "| validation patients | loss uncalibrated | without a prior | with the prior "
        "| calibration error uncalibrated | without a prior | with the prior "
        "| loss at worst, without a prior | with the prior |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for patients in dict.fromkeys(count for count, _ in SETTINGS):
        own = [row for row in rows if SETTINGS[row["setting"]][0] == patients]
        means = [f"{np.mean([row[f'loss {method}'] for row in own]):.3f}" for method in METHODS]
        means += [f"{np.mean([row[f'error {method}'] for row in own]):.3f}" for method in METHODS]
        means += [
            f"{max(row[f'loss {method}'] - row['loss uncalibrated'] for row in own):+.3f}" for method in METHODS[1:]
        ]
        lines.append(f"| {patients} | {' | '.join(means)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
