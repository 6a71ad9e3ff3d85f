"""How often prediction sets contain the true class for images of new patients, and which temperature fits these best.

    python benchmarks/calibration.py > benchmarks/calibration.jsonl       # 400 repetitions: some minutes
    python benchmarks/calibration.py --table                              # the tables in docs/simulations.md

The populations are those of benchmarks/coverage_populations.py with unequal numbers of images, an accuracy of 0.785
and patients' effects of standard deviation 1.0; logits are three times too large. What is fitted on some validation
patients is measured on 200 new ones: with every patient counting the same, as the zoo does, and as if images were
independent. Temperatures are fitted without a prior here; few_validation_patients.py measures what that is worth.
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

from zoo.calibration import class_quantiles, fit_temperature, prediction_sets
from zoo.metrics.patient_mean import patient_mean

COVERAGE, NEW, SPOILED = 0.9, 200, 3.0
SETTINGS = [
    Population(patients=patients, accuracy=0.785, deviation=1.0, mixed=mixed, unequal=True)
    for mixed in (False, True)
    for patients in (10, 20, 40, 80, 160)
]
RESULTS = Path(__file__).resolve().parent / "calibration.jsonl"
Drawn = tuple[np.ndarray, np.ndarray, list[str]]


def main() -> None:
    """Simulate all settings and print their results, or print the table of the stored ones."""

    def simulated(repetitions: int) -> Iterator[Row]:
        for number in range(len(SETTINGS)):
            yield {"setting": number, **simulate(number, repetitions)}

    run_simulation(__doc__, repetitions=400, stored=RESULTS, simulated=simulated, table=both_tables)


def both_tables(rows: Sequence[Row]) -> str:
    """Return the table of prediction sets and that of temperatures."""
    return f"{sets_table(rows)}\n\n{temperature_table(rows)}"


def simulate(number: int, repetitions: int) -> dict[str, Any]:
    """Return coverages, sizes of sets, and losses of one setting, each the mean over all repetitions."""
    generator = np.random.default_rng(number)
    population = SETTINGS[number]
    several = Population(patients=NEW, accuracy=0.785, deviation=1.0, mixed=population.mixed, unequal=True)
    found: dict[str, list[float]] = {}
    for _ in range(repetitions):
        validation, new = _draw(population, generator), _draw(several, generator)
        for name, groups in (("patients", validation[2]), ("images", None)):
            for measure, value in _measured(validation, groups, new).items():
                found.setdefault(f"{measure} by {name}", []).append(value)
        found.setdefault("loss without", []).append(_loss(new, 1.0))
    return {"repetitions": repetitions, **{name: float(np.mean(values)) for name, values in found.items()}}


def _draw(population: Population, generator: np.random.Generator) -> Drawn:
    """Return too large logits of two classes, labels and patients."""
    labels, logits, patients = draw(population, generator)
    return SPOILED * np.stack([np.zeros(len(logits)), logits], axis=1), labels, [str(patient) for patient in patients]


def _measured(validation: Drawn, groups: Sequence[str] | None, new: Drawn) -> dict[str, float]:
    """Return what a calibration is worth for new patients."""
    (logits, labels, _), (new_logits, new_labels, new_groups) = validation, new
    quantiles = class_quantiles(_probabilities(logits), labels, groups=groups)
    sets = prediction_sets(_probabilities(new_logits), quantiles, COVERAGE)
    measured = {"size": float(sets.sum(axis=1).mean())}
    for number, name in enumerate(("benign", "malignant")):
        own: list[int] = np.flatnonzero(new_labels == number).tolist()
        share = patient_mean(sets[own, number], [new_groups[index] for index in own]).value
        measured[f"{name} covered"] = share or 0.0
    temperature, _ = fit_temperature(logits, labels, groups=groups, spread=math.inf)
    return {**measured, "loss": _loss(new, temperature or 1.0)}


def _probabilities(logits: np.ndarray) -> np.ndarray:
    positive = expit(logits[:, 1] - logits[:, 0])
    return np.stack([1 - positive, positive], axis=1)


def _loss(new: Drawn, temperature: float) -> float:
    """Return the mean cross-entropy over all images of the new patients."""
    logits, labels, _ = new
    margins = (logits[:, 1] - logits[:, 0]) / temperature * np.where(labels == 1, 1, -1)
    return float(np.logaddexp(0, -margins).mean())


def sets_table(rows: Sequence[Row]) -> str:
    """Return the coverages and the sizes of the sets as a Markdown table."""
    lines = [
        "| validation patients | benign | malignant | classes in a set | benign, by images | malignant, by images |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [row[f"{name} covered by patients"] for name in ("benign", "malignant")] + [row["size by patients"]]
        cells += [row[f"{name} covered by images"] for name in ("benign", "malignant")]
        lines.append(f"| {_name(row)} | {' | '.join(f'{cell:.3f}' for cell in cells)} |")
    return "\n".join(lines)


def temperature_table(rows: Sequence[Row]) -> str:
    """Return the losses as a Markdown table."""
    lines = [
        "| validation patients | uncalibrated | every patient the same | every image the same |",
        "|---|---|---|---|",
    ]
    for row in rows:
        cells = [row[name] for name in ("loss without", "loss by patients", "loss by images")]
        lines.append(f"| {_name(row)} | {' | '.join(f'{cell:.4f}' for cell in cells)} |")
    return "\n".join(lines)


def _name(row: Row) -> str:
    """Return the validation patients of a row, as text."""
    population = SETTINGS[row["setting"]]
    return f"{population.patients} of {'both classes' if population.mixed else 'one class each'}"


if __name__ == "__main__":
    main()
