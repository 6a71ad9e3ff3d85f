"""`zoo train` against timm's train.py: whole processes, both sides in one run on the same image files.

python benchmarks/training.py --peer pytorch-image-models/train.py [--rounds 3]

The peer is a checkout of huggingface/pytorch-image-models, run by its path. ZOO_TEST_DATA names a folder that holds
breakhis/BreaKHis_v1, whose originals of 700x460 are flipped and shifted by a few pixels until there are 488 PNG files:
384 to train on, 104 to evaluate. The sides take turns. Each number is the median of the rounds.

Whole process: ResNet50 at 224 pixels, batches of 16, AdamW, one epoch with evaluation, from a cold start: our cache is
empty, so decoding counts. Steady: images a second over the whole last of three epochs, validation apart, as each side
counts it itself. Also ResNet18 at 64 pixels on their side against cbam20 at 64 on ours.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from zoo.parallel import map_items

TRAIN, TEST = 384, 104
STEP = re.compile(r"Train: (\d+) \[.*?Time: ([\d.]+)s")
BFLOAT16 = ("--amp", "--amp-dtype", "bfloat16", "--channels-last")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of one process."""

    seconds: float
    rate: float
    """Images a second in its last epoch."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a comparison: a program, its model and its arguments."""

    name: str
    model: str
    size: int
    extra: tuple[str, ...] = ()
    ours: bool = False


def main() -> None:
    """Run the benchmark and print a table of the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path, required=True, help="timm's train.py")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=16)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        images = Path(scratch, "images")
        draw(images)
        bench = Bench(images, given.peer.resolve(), given.batch, Path(scratch))
        print(f"{os.cpu_count()} cores; {TRAIN} images to train on, {TEST} to evaluate; batches of {given.batch}\n")
        whole(bench, given.rounds)
        small(bench, given.rounds)


def whole(bench: Bench, rounds: int) -> None:
    """Compare ResNet50 at 224 x 224 pixels."""
    plain = Side(name="timm, its defaults", model="resnet50", size=224)
    fast = Side(name="timm, bfloat16, channels_last", model="resnet50", size=224, extra=BFLOAT16)
    ours = Side(name="zoo train", model="resnet50", size=224, ours=True)
    once = bench.turns([plain, fast, ours], rounds=rounds, epochs=1)
    seconds = {side.name: statistics.median(run.seconds for run in runs) for side, runs in once.items()}
    for name, value in seconds.items():
        print(f"{name:32} {value:6.1f} s, one epoch and evaluation, whole process")
    mine = seconds[ours.name]
    print(f"ours / timm: {mine / seconds[plain.name]:.2f} of its defaults, {mine / seconds[fast.name]:.2f} of bfloat16")
    rates(bench, fast, ours, rounds)


def small(bench: Bench, rounds: int) -> None:
    """Compare small networks, where decoding is the bottleneck."""
    peer = Side(name="timm, ResNet18 at 64", model="resnet18", size=64)
    rates(bench, peer, Side(name="zoo train, cbam20 at 64", model="cbam20", size=64, ours=True), rounds)


def rates(bench: Bench, peer: Side, ours: Side, rounds: int) -> None:
    """Images a second, once everything is warm."""
    found = bench.turns([peer, ours], rounds=rounds, epochs=3)
    rate = {side.name: statistics.median(run.rate for run in runs) for side, runs in found.items()}
    for name, value in rate.items():
        print(f"{name:32} {value:6.1f} images/s, steady")
    print(f"ours / timm: {rate[ours.name] / rate[peer.name]:.2f}\n", flush=True)


@dataclass(frozen=True)
class Bench:
    """The folders of a benchmark."""

    images: Path
    peer: Path
    batch: int
    scratch: Path
    device: str = "cpu"
    workers: int = 4
    """Of timm's loader; four are its default."""
    fresh: Iterator[int] = field(default_factory=lambda: count(1))

    def turns(self, sides: Sequence[Side], *, rounds: int, epochs: int) -> dict[Side, list[Outcome]]:
        """Every side once a round, in changing order."""
        found: dict[Side, list[Outcome]] = {side: [] for side in sides}
        for number in range(rounds):
            for side in sides if number % 2 == 0 else reversed(sides):
                found[side].append(self._ours(side, epochs) if side.ours else self._theirs(side, epochs))
        return found

    def _ours(self, side: Side, epochs: int) -> Outcome:
        place = self.scratch / f"run-{next(self.fresh)}"
        size = ["--height", str(side.size), "--width", str(side.size)]
        recipe = ["--recipe", "modern", "--averaging", "0", "--augment", "symmetries,crop,stain", "--select", "last"]
        words = ["-m", "zoo", "train", side.model, "--root", str(self.images), "--data", "folder", "--out", str(place)]
        shape = ["--batch-size", str(self.batch), "--epochs", str(epochs), "--init", "scratch", "--lr", "1e-4"]
        device = ["--device", self.device]
        cache = {"ZOO_CACHE": str(self.scratch / f"cache-{next(self.fresh)}")}
        seconds, _ = _timed([*words, *size, *recipe, *shape, *device], {**os.environ, **cache})
        last = json.loads((place / "history.jsonl").read_text().splitlines()[-1])
        return Outcome(seconds=seconds, rate=last["images_per_second"])

    def _theirs(self, side: Side, epochs: int) -> Outcome:
        words = [str(self.peer), "--data-dir", str(self.images), "--train-split", "train", "--val-split", "test"]
        shape = ["--batch-size", str(self.batch), "--epochs", str(epochs), "--lr", "1e-4", "--warmup-epochs", "0"]
        size = ["--img-size", str(side.size), "--num-classes", "2", "--opt", "adamw"]
        device = ["--device", self.device, "--workers", str(self.workers)]
        out = ["--output", str(self.scratch / "peer"), "--log-interval", "1", "--model", side.model]
        path = {"PYTHONPATH": os.pathsep.join([str(self.peer.parent), os.environ.get("PYTHONPATH", "")])}
        seconds, said = _timed([*words, *shape, *size, *out, *device, *side.extra], {**os.environ, **path})
        steps = [float(took) for epoch, took in STEP.findall(said) if int(epoch) == epochs - 1]
        return Outcome(seconds=seconds, rate=self.batch * len(steps) / sum(steps))


def _timed(words: Sequence[str], environment: dict[str, str]) -> tuple[float, str]:
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"{' '.join(words)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return seconds, done.stdout + done.stderr


def draw(folder: Path, *, train: int = TRAIN, test: int = TEST) -> list[Path]:
    """Write variants of the originals, taken in turn, as folders of parts and classes; return their paths."""
    root = Path(os.environ.get("ZOO_TEST_DATA", ""), "breakhis", "BreaKHis_v1")
    if not root.is_dir():
        sys.exit("ZOO_TEST_DATA must name a folder that holds breakhis/BreaKHis_v1")
    originals = [path for path in sorted(root.rglob("*.png")) if Image.open(path).size == (700, 460)]
    random.Random(0).shuffle(originals)  # so that the parts have images of both classes

    def write(number: int) -> Path:
        turn, which = divmod(number, len(originals))
        part = "train" if number < train else "test"
        kind = "benign" if "benign" in originals[which].parts else "malignant"
        place = folder / part / kind / f"{number:05}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        _variant(Image.open(originals[which]).convert("RGB"), turn).save(place, compress_level=1)
        return place

    return list(map_items(range(train + test), write))


def _variant(image: Image.Image, turn: int) -> Image.Image:
    """One of the four flips, then shifted by as many pixels as it has been flipped through all four."""
    if turn & 1:
        image = ImageOps.mirror(image)
    if turn & 2:
        image = ImageOps.flip(image)
    shift = 3 * (turn // 4)
    return Image.fromarray(np.roll(np.asarray(image), (shift, shift), axis=(0, 1)))


if __name__ == "__main__":
    main()
