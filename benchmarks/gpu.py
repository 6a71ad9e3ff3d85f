"""What histozoo does on one GPU: its speed, the limits of the hardware, and a real training.

python benchmarks/gpu.py --out results [--peer train.py] [--idc idc] [--only step compiled] [--seconds 500]
python benchmarks/gpu.py --out results --toy        # all parts in small, also on a CPU: to try this script

The parts run one after the other, the most telling first. One that fails is noted, and the next one starts; none
starts when the seconds are over. After each part OUT/gpu.json and OUT/gpu.md are rewritten.

ZOO_TEST_DATA names a folder that holds breakhis/BreaKHis_v1, whose originals are flipped and shifted until there are
enough files. --peer is the train.py of a checkout of huggingface/pytorch-image-models, --idc a folder of IDC patches.
Without them their parts are left out. Tests of what is computed on a GPU are in tests/gpu.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from gpu_machine import TOY, Machine, Scale
from gpu_predictions import demo, predicting
from gpu_steps import batches, compiled, graphs, others, step
from gpu_tables import write_tables
from gpu_trainings import end_to_end, peer, replayed, tissue
from loop import limits

from zoo.cores import usable_cores
from zoo.device import choose_compute


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


PARTS: tuple[Callable[[Machine], Mapping[str, Any]], ...] = (
    hardware,
    step,
    end_to_end,
    peer,
    graphs,
    others,
    replayed,
    predicting,
    demo,
    batches,
    tissue,
    compiled,
)


def main() -> None:
    """Run the parts and write their results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--peer", type=Path, help="timm's train.py")
    parser.add_argument("--idc", type=Path, help="folder of IDC patches")
    parser.add_argument("--only", nargs="+", metavar="PART", choices=[part.__name__ for part in PARTS])
    parser.add_argument("--seconds", type=float, default=500, help="no part starts after this many seconds")
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
