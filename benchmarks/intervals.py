"""How long all measures of 10,000 images of 100 patients take, with their intervals.

    python benchmarks/intervals.py

Prints the median of nine repetitions in milliseconds.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from zoo.metrics import measure

IMAGES, PATIENTS, REPETITIONS = 10_000, 100, 9


def main() -> None:
    """Print the median."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, IMAGES)
    logits = (2 * labels - 1 + generator.normal(0, 1.5, IMAGES))[:, None]
    groups = [f"{index % PATIENTS:03d}" for index in range(IMAGES)]
    times = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        measure(labels=labels, logits=logits, classes=("benign", "malignant"), groups=groups)
        times.append(time.perf_counter() - start)
    print(f"{1000 * float(np.median(times)):.0f} ms")


if __name__ == "__main__":
    main()
