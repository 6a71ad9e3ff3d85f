"""What our loop costs over the bare forward, backward and step.

python benchmarks/loop.py [--device cuda]

Both sides use the same network, optimizer, precision and layout, on tensors that lie on the device already. After each
step of ours there is a bare one, since the speed of a shared machine changes within seconds. Printed are the medians of
a step, and how much longer ours takes: the median over all pairs. Beside it: how many operations a second that is, as a
share of what one large matrix product reaches here, and how many bytes a second it copies.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from zoo.classifier import create_model
from zoo.config.recipe import Recipe
from zoo.data.manifest import Manifest, Sample
from zoo.data.pixels.prepare import Prepared
from zoo.data.split.split import Split
from zoo.device import Compute, choose_compute
from zoo.distributed.world import World
from zoo.progress import Silent, Task
from zoo.signals import StopRequest
from zoo.training.checkpoint import Checkpoints, CheckpointWriter
from zoo.training.compute import ComputePlan
from zoo.training.loop import TrainingLoop
from zoo.training.training_data import TrainingData

STEPS, WARM = 12, 2
CASES = (("resnet50", 224, 16), ("resnet20", 64, 16))


class Rows:
    """Decoded images in memory, in place of the store."""

    def __init__(self, count: int, height: int, width: int) -> None:
        self.rows = np.random.default_rng(0).integers(0, 256, (count, height, width, 3), dtype=np.uint8)

    def __len__(self) -> int:
        return len(self.rows)

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the images with these indices."""
        found: np.ndarray = self.rows[np.asarray(indices, dtype=int)]
        return found


class Turns(Silent):
    """After every step of ours takes a bare one, and the time of both."""

    def __init__(self, bare: Callable[[], None], wait: Callable[[], None]) -> None:
        self.ours: list[float] = []
        self.bare: list[float] = []
        self._bare, self._wait = bare, wait
        self._steps, self._began = 0, 0.0

    @contextmanager
    def track(self, label: str, total: int, unit: str, done: int = 0) -> Iterator[Task]:  # noqa: ARG002
        """Count the steps of an epoch from its beginning, and show nothing."""
        self._steps = 0
        yield self

    def advance(self, steps: int = 1, **facts: str) -> None:  # noqa: ARG002
        """Take a bare step after one of ours."""
        self._wait()
        ended = time.perf_counter()
        self._bare()
        self._wait()
        now = time.perf_counter()
        if self._steps >= WARM:
            self.ours.append(ended - self._began)
            self.bare.append(now - ended)
        self._steps += 1
        self._began = now


def main() -> None:
    """Run the benchmark and print one line for each network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int)
    given = parser.parse_args()
    compute = choose_compute(given.device)
    peak, bandwidth = limits(compute)
    print(f"{compute.why}; one matrix product: {peak / 1e12:.2f} T operations/s; copying: {bandwidth / 1e9:.0f} GB/s")
    for name, size, batch in CASES:
        compare(name, size, given.batch or batch, compute, given.rounds, peak)


def compare(name: str, size: int, batch: int, compute: Compute, rounds: int, peak: float) -> None:
    """Our steps and bare ones in turns."""
    torch.manual_seed(0)
    wait: Callable[[], None] = torch.cuda.synchronize if compute.device.type == "cuda" else lambda: None
    count = batch * STEPS
    samples = tuple(
        Sample(path=Path(f"{number:06d}"), key=f"{number:06d}", label=str(number % 2)) for number in range(count)
    )
    manifest = Manifest(source="benchmark", name="noise", classes=("0", "1"), samples=samples)
    data = TrainingData(
        prepared=Prepared(
            manifest=manifest,
            pixels=Rows(count, size, size),
            fingerprint="",
            file_digests=(),
            contents=(),
            unreadable={},
        ),
        split=Split(unit="image", seed=0, train=tuple(range(count)), val=(), test=()),
    )
    recipe = Recipe(name="bare", summary="", epochs=rounds, batch_size=batch, select="last")
    plan = ComputePlan(compute=compute, compiled="no", resident=True, synchronized=False, description="")
    classifier = create_model(name)
    labels = torch.arange(batch, device=compute.device) % 2

    def bare() -> None:
        with compute.autocast():
            logits = classifier.network(x)
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(logits.float(), labels).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    turns = Turns(bare, wait)
    loop = TrainingLoop(classifier, data, recipe, tuned=(), seed=0, compute=plan, world=World(), progress=turns)
    optimizer = loop.state.optimizer
    x = compute.arrange(classifier.normalize(loop.images.take(range(batch))))
    with TemporaryDirectory() as folder, compute.torch_settings():
        writer = CheckpointWriter(Checkpoints(Path(folder)), every=1e9)
        loop.run(lambda _: None, writer=writer, request=StopRequest())
        writer.close()
    counter = FlopCounterMode(display=False)
    with counter:
        bare()
    mine, plain = statistics.median(turns.ours), statistics.median(turns.bare)
    longer = statistics.median(ours / bare for ours, bare in zip(turns.ours, turns.bare, strict=True)) - 1
    share = counter.get_total_flops() / mine / peak
    print(
        f"{name} at {size}, batches of {batch}: ours {batch / mine:.1f} images/s, bare {batch / plain:.1f}; "
        f"{longer:+.1%} a step; {share:.0%} of the matrix limit",
        flush=True,
    )


def limits(compute: Compute) -> tuple[float, float]:
    """Operations a second of one large matrix product in the precision of training; bytes a second of a copy."""
    side = 8192 if compute.device.type == "cuda" else 2048
    kind = torch.bfloat16 if compute.bfloat16 else torch.float32
    a, b = (torch.rand(side, side, device=compute.device, dtype=kind) for _ in range(2))
    long = torch.empty(2**28 if compute.device.type == "cuda" else 2**26, device=compute.device)
    other = torch.empty_like(long)
    return 2 * side**3 / _best(lambda: a @ b), 2 * long.nbytes / _best(lambda: other.copy_(long))


def _best(work: Callable[[], object]) -> float:
    wait: Callable[[], None] = torch.cuda.synchronize if torch.cuda.is_available() else lambda: None
    times = []
    for _ in range(8):
        began = time.perf_counter()
        work()
        wait()
        times.append(time.perf_counter() - began)
    return min(times)


if __name__ == "__main__":
    main()
