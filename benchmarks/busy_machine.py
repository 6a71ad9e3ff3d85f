"""A training on a machine that is not quiet: alone, beside a busy neighbor from the start or later, and two at once.

python benchmarks/busy_machine.py [--rounds 3] [--spins 0 2000 300000] [--alone]

`zoo train cbam20 --epochs 3` as whole processes on the CPU. OpenMP's threads wait for each other at the end of every
operation, by spinning for a while before they sleep. Each number in --spins is how long they spin (GOMP_SPINCOUNT)
with a thread for each core; it is compared with what zoo chooses, which also takes fewer threads beside others. The
settings take turns; each time is the median of the rounds. The neighbor is one thread that computes without end; the
later one starts after the first epoch, when the number of threads has been chosen.

The last line is a grid of four trainings, one after the other and two at once (`--jobs 2`). With --alone, only
trainings alone on a quiet machine are timed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from zoo.cores import usable_cores

TRAIN = ("-m", "zoo", "train", "cbam20", "--epochs", "3", "--height", "96", "--width", "96", "--device", "cpu")
CHOSEN = "as zoo chooses"
NEIGHBOR = """
import os, sys, time
while not all(map(os.path.exists, sys.argv[1:])):
    time.sleep(0.1)
while True:
    pass
"""
"""Computes without end, once the files exist that it is given."""


def main() -> None:
    """Run the benchmark and print one line for each setting."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--spins", type=int, nargs="*", default=[0, 2000, 300_000])
    parser.add_argument("--alone", action="store_true")
    given = parser.parse_args()
    settings: dict[str, dict[str, str]] = {CHOSEN: {}}
    every = str(usable_cores())
    settings |= {
        f"GOMP_SPINCOUNT={spins}": {"GOMP_SPINCOUNT": str(spins), "OMP_NUM_THREADS": every} for spins in given.spins
    }
    times: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in settings}
    grids: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as scratch:
        seconds(1, {}, Path(scratch, "warm"))  # draws the sample and fills the file cache
        if given.alone:
            compare_alone(settings, given.rounds, Path(scratch))
            return
        for number in range(given.rounds):
            for name, variables in settings.items():
                place = Path(scratch, f"{number}-{name}")
                alone, two = seconds(1, variables, place / "alone"), seconds(2, variables, place / "two")
                beside = beside_a_neighbor(variables, place / "beside")
                later = beside_a_neighbor(variables, place / "later", place / "later" / "0" / "history.jsonl")
                times[name].append((alone, beside, later, two))
                print(f"round {number}, {name}: {', '.join(f'{time:.1f}' for time in times[name][-1])}", flush=True)
            for jobs in (1, 2):
                grids[jobs].append(seconds(1, {}, Path(scratch, f"grid-{number}-{jobs}"), f"--seeds=4 --jobs={jobs}"))
                print(f"round {number}, a grid with --jobs {jobs}: {grids[jobs][-1]:.1f}", flush=True)
    print(f"\n{usable_cores()} cores; medians of {given.rounds} rounds, in seconds\n")
    print(f"{'':24}{'alone':>8}{'beside a neighbor':>26}{'that comes later':>20}{'two at once':>20}")
    for name, rows in times.items():
        alone, *others = (statistics.median(column) for column in zip(*rows, strict=True))
        ratios = (f"{time:.1f} = {time / alone:4.2f} x" for time in others)
        print(f"{name:24}{alone:8.1f}{next(ratios):>26}{next(ratios):>20}{next(ratios):>20}")
    one, two = (statistics.median(grids[jobs]) for jobs in (1, 2))
    print(f"a grid of four: one after the other {one:.1f}, two at once {two:.1f} = {two / one:4.2f} x")


def compare_alone(settings: Mapping[str, Mapping[str, str]], rounds: int, scratch: Path) -> None:
    """Print how long trainings take alone, of which each setting has one in a round."""
    times: dict[str, list[float]] = {name: [] for name in settings}
    for number in range(rounds):
        for name, variables in settings.items():
            times[name].append(seconds(1, variables, scratch / f"{number}-{name}"))
            print(f"round {number}, {name}: {times[name][-1]:.1f}", flush=True)
    print(f"\n{usable_cores()} cores; seconds of {rounds} rounds, alone\n")
    for name, found in times.items():
        print(f"{name:24}{statistics.median(found):8.1f}   ({', '.join(f'{time:.1f}' for time in found)})")


def seconds(processes: int, variables: Mapping[str, str], place: Path, options: str = "") -> float:
    """Return how long trainings take that start together."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
    environment |= variables
    began = time.perf_counter()
    started = [
        subprocess.Popen(
            [sys.executable, *TRAIN, *options.split(), "--out", str(place / str(number))],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(processes)
    ]
    for process in started:
        if process.wait():
            sys.exit(f"the training ended with status {process.returncode}")
    return time.perf_counter() - began


def beside_a_neighbor(variables: Mapping[str, str], place: Path, *awaited: Path) -> float:
    """Return how long a training takes beside one thread that computes without end, once the awaited files exist."""
    neighbor = subprocess.Popen([sys.executable, "-c", NEIGHBOR, *map(str, awaited)])
    try:
        return seconds(1, variables, place)
    finally:
        neighbor.kill()
        neighbor.wait()


if __name__ == "__main__":
    main()
