"""Predicting image files: the rate against decoding alone and the bare forward pass, and the memory of many files.

python benchmarks/prediction.py [--model resnet20] [--files 100000] [--size 50]

Writes PNG files of noise, no two alike. In each round, one after the other: the files are only decoded; ready tensors
only go through the network, prepared like the classifier's own; and the files are predicted. On a GPU decoding and the
network work at the same time, so the limit is the slower one; on a CPU they share the cores, so the times add up. At
last, `zoo predict --csv` in a process of its own: its time and its peak memory, with few files and with all of them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image

import zoo
from zoo.batch_prediction.ensemble import Ensemble
from zoo.classifier import Classifier
from zoo.cores import usable_cores
from zoo.device import choose_compute
from zoo.parallel import map_items

PEAK = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, flush=True)
sys.exit(status)
"""


def write_files(folder: Path, count: int, size: int) -> list[Path]:
    """Write PNG files of smooth noise, no two alike, a thousand to a folder."""

    def write(number: int) -> Path:
        noise = np.random.default_rng(number)
        small = Image.fromarray(noise.integers(0, 256, (12, 12, 3), dtype=np.uint8))
        path = folder / f"{number // 1000:04}" / f"{number:07}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        small.resize((size, size), Image.Resampling.BICUBIC).save(path, compress_level=1)
        return path

    return list(map_items(range(count), write))


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def rates(classifier: Classifier, files: list[Path], device: str, rounds: int) -> tuple[float, float, float]:
    """Return how many images a second are decoded, go through the network, and are predicted from files."""
    compute = choose_compute(device, "float32")
    ensemble = Ensemble([classifier], compute=compute)
    pre = classifier.config.preprocessing
    at_once = ensemble.images_at_once
    ready = torch.zeros(at_once, 3, pre.height, pre.width, dtype=torch.uint8, device=compute.device)
    ready = compute.arrange(classifier.normalize(ready))

    @torch.no_grad()
    def forward() -> None:
        for _ in range(0, len(files), at_once):
            outputs = classifier(ready)
        outputs.cpu()

    def predict() -> None:
        for _ in zoo.predict(classifier, files, device=device):
            pass

    works: tuple[Callable[[], object], ...] = (
        lambda: [None for _ in map_items(files, ensemble.read)],
        forward,
        predict,
    )
    for work in works:
        work()
    times = [[seconds(work) for work in works] for _ in range(rounds)]
    decoding, network, predicting = (len(files) / median(column) for column in zip(*times, strict=True))
    return decoding, network, predicting


def predict_in_process(bundle: Path, images: list[Path | str], table: Path, device: str) -> tuple[float, int]:
    """Return the seconds and the MiB at most that `zoo predict --csv` needs."""
    command = [sys.executable, "-m", "zoo", "predict", str(bundle), *map(str, images), "--csv", str(table)]
    peak = 0

    def run() -> None:
        nonlocal peak
        command_with_peak = [sys.executable, "-c", PEAK, *command, "--device", device]
        done = subprocess.run(command_with_peak, check=True, capture_output=True, text=True)
        peak = int(done.stdout.split()[-1])

    return seconds(run), peak


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=50, help="Pixels of a side of the files.")
    parser.add_argument("--part", type=int, default=2_000, help="Files in each round, and of the smaller table.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_files(folder / "images", given.files, given.size)
        classifier = zoo.create_model(given.model, classes=["benign", "malignant"])
        pre = classifier.config.preprocessing
        part = files[: given.part]
        decoding, network, predicting = rates(classifier, part, given.device, given.rounds)
        limit = 1 / (1 / decoding + 1 / network) if given.device == "cpu" else min(decoding, network)
        print(f"{given.model}, {given.size} x {given.size} PNG, input {pre.height} x {pre.width}, {given.device},")
        print(f"{usable_cores()} cores, medians of {given.rounds} rounds of {len(part):,} files, images/s")
        print(f"decoding alone                  {decoding:9,.0f}")
        print(f"bare forward pass               {network:9,.0f}")
        print(f"limit of both                   {limit:9,.0f}")
        print(f"predicting files                {predicting:9,.0f}   {predicting / limit:.2f} of the limit")
        classifier.save(folder / "bundle")
        for count in sorted({len(part), len(files)}):
            (listed := folder / f"{count}").mkdir()
            for number in range(0, count, 1000):
                (listed / f"{number // 1000:04}").symlink_to(folder / "images" / f"{number // 1000:04}")
            images: list[Path | str] = [listed / "*" / "*.png"]
            took, peak = predict_in_process(folder / "bundle", images, folder / f"{count}.csv", given.device)
            rate = f"{took:6.1f} s, {count / took:5,.0f} images/s, peak {peak:,} MiB"
            print(f"zoo predict --csv, {count:7,} files  {rate}")


if __name__ == "__main__":
    main()
