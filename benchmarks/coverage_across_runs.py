"""How often the interval of a grid's table contains the true mean accuracy over trainings and patients.

    python benchmarks/coverage_across_runs.py        # a few seconds; prints a table of docs/simulations.md

A training shifts the accuracy of all patients on the logit scale, by an amount of standard deviation 0.3, half of whose
variance trainings on overlapping images have in common; each patient is easy or hard by an effect of standard deviation
1.0, with 24 images. Folds and splits test different patients, seeds the same ones.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.special import expit

from zoo.metrics.across_runs import summarize_runs
from zoo.metrics.result import Interval

REPETITIONS, IMAGES, CENTRE = 4000, 24, 1.55
TRAININGS, SHARED, PATIENTS = 0.3, 0.5, 1.0


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print(table(REPETITIONS))


def table(repetitions: int) -> str:
    """Return the table as Markdown."""
    lines = ["| runs | patients | coverage (mean width) | of Student's t, uncorrected |", "|---|---|---|---|"]
    for kind, runs in (("folds", 3), ("folds", 5), ("folds", 10), ("seeds with one split", 5)):
        for patients in (30, 80):
            cells = [f"{share:.2f} ({width:.3f})" for share, width in simulate(kind, runs, patients, repetitions)]
            lines.append(f"| {runs} {kind} | {patients} | {' | '.join(cells)} |")
    return "\n".join(lines)


def simulate(kind: str, runs: int, patients: int, repetitions: int) -> list[tuple[float, float]]:
    """Return coverage and mean width of the interval, and of the one without the correction."""
    generator = np.random.default_rng(runs * patients)
    nodes, weights = np.polynomial.hermite_e.hermegauss(81)
    truth = float(expit(CENTRE + np.hypot(TRAININGS, PATIENTS) * nodes) @ weights / weights.sum())
    corrected, uncorrected = [], []
    for _ in range(repetitions):
        common = np.sqrt(SHARED) * generator.normal()
        shifts = TRAININGS * (common + np.sqrt(1 - SHARED) * generator.normal(size=runs))
        effects = PATIENTS * generator.normal(size=patients)
        if kind == "folds":
            parts, held_out = np.array_split(effects, runs), 1 / (runs - 1)
        else:
            parts, held_out = [effects[: round(0.3 * patients)]] * runs, 0.0
        values = [
            generator.binomial(IMAGES, expit(CENTRE + shift + part)).mean() / IMAGES
            for shift, part in zip(shifts, parts, strict=True)
        ]
        corrected.append(summarize_runs(values, held_out=held_out).interval)
        uncorrected.append(summarize_runs(values).interval)
    return [_coverage(intervals, truth) for intervals in (corrected, uncorrected)]


def _coverage(intervals: list[Interval | None], truth: float) -> tuple[float, float]:
    """Return the share of intervals that contain the true value, and their mean width."""
    known = np.array([interval for interval in intervals if interval is not None])
    held = (known[:, 0] <= truth) & (truth <= known[:, 1])
    return float(held.mean()), float((known[:, 1] - known[:, 0]).mean())


if __name__ == "__main__":
    main()
