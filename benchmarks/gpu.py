"""What histozoo does on one GPU: its speed, the limits of the hardware, and a real training.

python benchmarks/gpu.py --out results [--peer train.py] [--idc idc] [--only step compiled] [--seconds 500]
python benchmarks/gpu.py --out results --toy        # all parts in small, also on a CPU: to try this script

The parts run one after the other, the most telling first. One that fails is noted, and the next one starts; none
starts when the seconds are over. After each part OUT/gpu.json and OUT/gpu.md are written anew.

ZOO_TEST_DATA names a folder that holds breakhis/BreaKHis_v1, whose originals are flipped and shifted until there are
enough files. --peer is the train.py of a checkout of huggingface/pytorch-image-models, --idc a folder of IDC patches.
Without them their parts are left out. Tests of what is computed on a GPU are in tests/gpu.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gpu_step import OperationLimits, Step, captured, kernels, seconds_a_step, wait
from gpu_tables import write_tables
from loop import limits
from prediction import rates
from training import BFLOAT16, Bench, Side, draw

import zoo
from zoo.classifier import create_model
from zoo.cores import usable_cores
from zoo.data.device_images import DeviceImages
from zoo.device import Compute, choose_compute
from zoo.evaluation.inference import score
from zoo.training.resources import energy_meter

FIRST = "resnet50"
"""The network whose rate is compared with its limits and with the peer's."""
OTHERS = ("dala", "cbam110", "lung_frelu", "swin")
GRID = ("dala", "resnet50", "senet56", "cbam56")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How much is computed: the real thing, or a toy of it."""

    batch: int = 256
    size: int | None = None
    first: str = FIRST
    others: tuple[str, ...] = OTHERS
    compiled: tuple[str, ...] = (FIRST, "cbam56", "swin")
    compiler: str = "inductor"
    captured: tuple[tuple[str, int], ...] = (
        ("cbam110", 256),
        ("cbam110", 32),
        ("cbam56", 32),
        (FIRST, 256),
        (FIRST, 32),
    )
    steps: int = 10
    train: int = 6144
    test: int = 512
    epochs: int = 4
    grid: tuple[str, ...] = GRID
    grid_options: str = (
        "--seeds 3 --split-seed 0 --jobs 3 --epochs 15 --batch-size 128 --lr 1e-3 --height 64 --width 64"
    )
    replayed: tuple[tuple[str, int], ...] = (("cbam56", 64), ("dala", 96))
    small_batch: int = 32
    files: int = 2000
    demo: tuple[str, ...] = ("dala", "cbam56", "swin")


TOY = Scale(
    batch=4,
    size=32,
    first="resnet20",
    others=("cbam20",),
    compiled=("resnet20",),
    compiler="aot_eager",
    captured=(("cbam20", 4),),
    steps=1,
    train=16,
    test=8,
    epochs=2,
    grid=("resnet20",),
    grid_options="--seeds 1 --epochs 1 --batch-size 8 --height 16 --width 16",
    replayed=(("cbam20", 16),),
    small_batch=8,
    files=8,
    demo=("resnet20", "cbam20"),
)


@dataclass(kw_only=True)
class Machine:
    """What all parts share: the device, the scale, the folders, and what earlier parts measured."""

    compute: Compute
    scale: Scale
    peer: Path | None
    idc: Path | None
    scratch: Path
    out: Path
    peak: float = 1.0
    bandwidth: float = 1.0
    images: list[Path] = field(default_factory=list)

    @property
    def device(self) -> str:
        """The type of the device."""
        return self.compute.device.type

    def drawn(self) -> Path:
        """Return the folder of image files, which is filled when it is first asked for."""
        folder = self.scratch / "images"
        if not self.images:
            self.images = draw(folder, train=self.scale.train, test=self.scale.test)
        return folder


def hardware(machine: Machine) -> dict[str, Any]:
    """Name the device, and measure one large matrix product and one large copy."""
    machine.peak, machine.bandwidth = limits(machine.compute)
    cuda = machine.device == "cuda"
    return {
        "device": torch.cuda.get_device_name() if cuda else "CPU",
        "cores": usable_cores(),
        "torch": torch.__version__,
        "how": machine.compute.why,
        "matrix_tflops": machine.peak / 1e12,
        "copy_gb_per_second": machine.bandwidth / 1e9,
    }


def step(machine: Machine) -> dict[str, Any]:
    """Measure the first network's step on tensors on the device, against the limit of its operations."""
    return measure_step(machine, machine.scale.first, with_kernels=True)


def others(machine: Machine) -> dict[str, Any]:
    """Measure the steps of other networks."""
    return {name: measure_step(machine, name) for name in machine.scale.others}


def measure_step(machine: Machine, name: str, *, with_kernels: bool = False) -> dict[str, Any]:
    """Return the rate of a network's training step, its limit, and what its time is spent on."""
    made = Step(name, machine.scale.batch, machine.compute, size=machine.scale.size)
    if machine.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    took = seconds_a_step(made, machine.compute, steps=machine.scale.steps)
    with OperationLimits(machine.peak, machine.bandwidth) as limit:
        made()
    found = {
        "size": made.size,
        "batch": made.batch,
        "images_per_second": made.batch / took,
        "milliseconds": took * 1000,
        "limit_milliseconds": limit.seconds * 1000,
        "share_of_limit": limit.seconds / took,
        "share_of_matrix_rate": limit.flops / took / machine.peak,
        "share_of_bandwidth": limit.bytes / took / machine.bandwidth,
        "limit_by_operation": dict(sorted(limit.by_operation.items(), key=lambda item: -item[1])[:12]),
        "peak_memory_gb": torch.cuda.max_memory_allocated() / 1e9 if machine.device == "cuda" else None,
    }
    return {**found, "kernels": kernels(made, machine.compute)} if with_kernels else found


def batches(machine: Machine) -> dict[str, Any]:
    """Measure the first network with other batch sizes."""
    found = {}
    for batch in (machine.scale.batch // 4, machine.scale.batch * 2):
        made = Step(machine.scale.first, batch, machine.compute, size=machine.scale.size)
        found[str(batch)] = batch / seconds_a_step(made, machine.compute, steps=machine.scale.steps)
    return found


def graphs(machine: Machine) -> dict[str, Any]:
    """Measure steps replayed as one CUDA graph, beside the same step launched kernel by kernel."""
    if machine.device != "cuda":
        return {"left out": "there is no CUDA"}
    found = {}
    for name, batch in machine.scale.captured:
        made = Step(name, batch, machine.compute, size=machine.scale.size, capturable=True)
        eager = seconds_a_step(made, machine.compute, steps=machine.scale.steps)
        began = time.perf_counter()
        replay = captured(made)  # its optimizer included; `zoo train` leaves that out
        capturing = time.perf_counter() - began
        took = seconds_a_step(replay, machine.compute, steps=machine.scale.steps)
        found[f"{name}, batches of {batch}"] = {
            "images_per_second": batch / took,
            "launched_one_by_one": batch / eager,
            "seconds_to_capture": capturing,
        }
    return found


def compiled(machine: Machine) -> dict[str, Any]:
    """Measure torch.compile: what it takes, and what it saves."""
    found = {}
    for name in machine.scale.compiled:
        made = Step(name, machine.scale.batch, machine.compute, size=machine.scale.size, capturable=True)
        plain = seconds_a_step(made, machine.compute, steps=machine.scale.steps)
        made.forward = torch.compile(made.network, backend=machine.scale.compiler)
        began = time.perf_counter()
        made()
        wait(machine.compute)
        compiling = time.perf_counter() - began
        took = seconds_a_step(made, machine.compute, steps=machine.scale.steps)
        found[name] = {
            "images_per_second": made.batch / took,
            "not_compiled": made.batch / plain,
            "seconds_to_compile": compiling,
            "saved": 1 - took / plain,
        }
        if machine.device == "cuda":
            replay = captured(made)
            found[name]["compiled_and_captured"] = made.batch / seconds_a_step(replay, machine.compute)
        torch.compiler.reset()
    return found


def end_to_end(machine: Machine) -> dict[str, Any]:
    """Run `zoo train` on image files, as a process from a cold start."""
    size = machine.scale.size or 224
    return whole_process(machine, Side(name="zoo train", model=machine.scale.first, size=size, ours=True))


def peer(machine: Machine) -> dict[str, Any]:
    """Run timm's train.py on the same files."""
    if machine.peer is None:
        return {"left out": "no --peer"}
    if machine.scale is TOY:
        return whole_process(machine, Side(name="timm", model="resnet10t", size=32))
    return whole_process(machine, Side(name="timm", model="resnet50", size=224, extra=BFLOAT16))


def whole_process(machine: Machine, side: Side) -> dict[str, Any]:
    """Return the rate of the last epoch of a training in a process of its own, and how long that takes."""
    bench = Bench(
        images=machine.drawn(),
        peer=machine.peer or Path(),
        batch=machine.scale.batch,
        scratch=machine.scratch,
        device=machine.device,
        workers=usable_cores(),
    )
    (outcome,) = bench.turns([side], rounds=1, epochs=machine.scale.epochs)[side]
    return {
        "files": len(machine.images),
        "epochs": machine.scale.epochs,
        "images_per_second": outcome.rate,
        "seconds": outcome.seconds,
    }


def tissue(machine: Machine) -> dict[str, Any]:
    """Train networks on IDC by patient, several seeds each."""
    if machine.idc is None:
        return {"left out": "no --idc"}
    place = machine.scratch / "grid"
    words = [sys.executable, "-m", "zoo", "train", *machine.scale.grid, "--data", "idc", "--root", str(machine.idc)]
    words += ["--recipe", "modern", "--init", "scratch", "--out", str(place), *machine.scale.grid_options.split()]
    began, joules = time.perf_counter(), energy_meter(machine.compute.device)
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "160"})
    machine.out.joinpath("tissue.txt").write_text(done.stdout + done.stderr)
    found: dict[str, Any] = {"command": " ".join(words[1:]), "seconds": time.perf_counter() - began, "runs": {}}
    found["joules"] = joules() if joules else None
    for metrics in sorted(place.rglob("metrics.json")):
        if metrics.parent.name == "bundle":
            continue
        run = metrics.parent
        history = [json.loads(line) for line in run.joinpath("history.jsonl").read_text().splitlines()]
        found["runs"][str(run.relative_to(place))] = {
            "metrics": json.loads(metrics.read_text()),
            "history": history,
            "training": json.loads(run.joinpath("bundle", "config.json").read_text())["training"],
        }
    if done.returncode:
        found["failed"] = done.stderr[-2000:]
    return found


def replayed(machine: Machine) -> dict[str, Any]:
    """Train for one epoch with small batches, as the papers do, with the steps replayed as a CUDA graph and without."""
    if machine.idc is None:
        return {"left out": "no --idc"}
    found: dict[str, Any] = {}
    for name, side in machine.scale.replayed:
        for choice in ("no", "auto"):
            run = zoo.train(
                name,
                data="idc",
                root=machine.idc,
                out=machine.scratch / f"{name}-{choice}",
                height=side,
                width=side,
                epochs=2,
                batch_size=machine.scale.small_batch,
                init="scratch",
                select="last",
                device=machine.device,
                cuda_graph=choice,
                progress=False,
            )
            rates = [json.loads(line)["images_per_second"] for line in (run.path / "history.jsonl").open()]
            what = "replayed" if choice == "auto" else "launched one by one"
            found[f"{name} at {side}, {what}"] = {"first_epoch": rates[0], "second_epoch": rates[1]}
    return found


def predicting(machine: Machine) -> dict[str, Any]:
    """Predict image files, and images from the store, also averaged over the symmetries."""
    files = draw(machine.scratch / "few", train=machine.scale.files, test=0)
    found: dict[str, Any] = {"files": len(files)}
    for name in dict.fromkeys((machine.scale.first, machine.scale.captured[0][0])):
        classifier = create_model(name, classes=["benign", "malignant"])
        decoding, network, predicted = rates(classifier, files, machine.device, 3)
        began = time.perf_counter()
        for _ in zoo.predict(classifier, files, device=machine.device, symmetries=True):
            pass
        symmetries = len(files) / (time.perf_counter() - began)
        found[name] = {
            "decoding": decoding,
            "network": network,
            "predicting": predicted,
            "symmetries": symmetries,
            "from_the_store": stored_rate(classifier, machine),
        }
    return found


class Rows:
    """Decoded images in memory, in place of the store."""

    def __init__(self, count: int, height: int, width: int) -> None:
        self.rows = np.random.default_rng(0).integers(0, 256, (count, height, width, 3), dtype=np.uint8)

    def __len__(self) -> int:
        return len(self.rows)

    def read(self, indices: object) -> np.ndarray:
        """Return the images with these indices."""
        found: np.ndarray = self.rows[indices]  # type: ignore[index]
        return found


def stored_rate(classifier: zoo.Classifier, machine: Machine) -> float:
    """Return images a second of the evaluation, from decoded images in memory."""
    compute = choose_compute(machine.device, "float32")
    own = classifier.config.preprocessing
    count = machine.scale.files
    images = DeviceImages(Rows(count, own.height, own.width), compute.device, resident=machine.device == "cuda")
    compute.place(classifier.eval())

    def work() -> float:
        began = time.perf_counter()
        score(classifier, images, range(count), compute=compute, batch_size=machine.scale.batch)
        return time.perf_counter() - began

    work()
    return count / statistics.median(work() for _ in range(3))


def demo(machine: Machine) -> dict[str, Any]:
    """Time what the demo does for one tile: a prediction and a heat map of each of three models."""
    from PIL import Image

    from zoo_demo.analysis import analyze
    from zoo_demo.models import LoadedModel

    (file,) = draw(machine.scratch / "one", train=1, test=0)
    tile = Image.open(file).convert("RGB")
    models = [
        LoadedModel(name=name, classifier=create_model(name, classes=["benign", "malignant"]).to(machine.device).eval())
        for name in machine.scale.demo
    ]

    def work() -> float:
        began = time.perf_counter()
        for model in models:
            analyze(model, tile, method="grad-cam", label=None)
        return time.perf_counter() - began

    first = work()
    return {"models": list(machine.scale.demo), "first": first, "seconds": statistics.median(work() for _ in range(5))}


PARTS: tuple[Callable[[Machine], Mapping[str, Any]], ...] = (
    hardware,
    step,
    end_to_end,
    peer,
    graphs,
    others,
    replayed,
    tissue,
    predicting,
    demo,
    batches,
    compiled,
)


def main() -> None:
    """Run the parts and write their results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--peer", type=Path, help="timm's train.py")
    parser.add_argument("--idc", type=Path, help="folder of IDC patches")
    parser.add_argument("--only", nargs="+", metavar="PART", choices=[part.__name__ for part in PARTS])
    parser.add_argument("--seconds", type=float, default=500, help="no part starts after so many seconds")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--toy", action="store_true")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        machine = Machine(
            compute=choose_compute(given.device),
            scale=TOY if given.toy else Scale(),
            peer=given.peer.resolve() if given.peer else None,
            idc=given.idc.resolve() if given.idc else None,
            scratch=Path(scratch),
            out=given.out,
        )
        with machine.compute.torch_settings():
            for part in PARTS:
                name = part.__name__
                if given.only and name not in given.only and part is not hardware:
                    continue
                started = time.perf_counter() - began
                if started > given.seconds:
                    results[name] = {"left out": "the time was over"}
                    continue
                print(f"{started:5.0f} s  {name}", flush=True)
                try:
                    results[name] = dict(part(machine))
                except (Exception, SystemExit) as error:  # noqa: BLE001  # the other parts are still to be measured
                    results[name] = {"failed": f"{type(error).__name__}: {error}"[:3000]}
                    traceback.print_exc()
                with suppress(RuntimeError):
                    torch.cuda.empty_cache()
                results[name]["part_seconds"] = time.perf_counter() - began - started
                write_tables(results, given.out)
    print(given.out.joinpath("gpu.md").read_text())
    if any("failed" in found for found in results.values()):
        sys.exit(1)


if __name__ == "__main__":
    main()
