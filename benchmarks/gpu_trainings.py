"""Parts of gpu.py: whole trainings, from image files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from gpu_machine import TOY, Machine
from training import BFLOAT16, Bench, Side

import zoo
from zoo.cores import usable_cores
from zoo.training.resources import energy_meter


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
    """Train networks on IDC by patient, one after the other: their time and energy."""
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
