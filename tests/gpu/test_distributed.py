"""DistributedDataParallel, with NCCL on a GPU: a process that joins a group gives the weights of one that does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.gpu.python_process import PythonProcess
from tests.gpu.trained_weights import differing, weights_of
from zoo import train
from zoo.runs import Run

pytestmark = pytest.mark.gpu
CODE = """
import torch, torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
import zoo
from zoo.training import step

made = []

class Recorded(DistributedDataParallel):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        made.append(dist.get_backend())

step.DistributedDataParallel = Recorded
backend = "nccl" if settings["device"].startswith("cuda") else "gloo"
dist.init_process_group(backend, init_method="file://" + os.path.abspath("meeting"), rank=0, world_size=1)
zoo.train("cbam20", out="run", progress=False, **settings)
dist.destroy_process_group()
print(json.dumps(made))
"""


def test_one_process_in_a_group_gives_the_bits_of_one_that_is_in_none(
    on_gpu: dict[str, Any], python: PythonProcess, gpu_device: torch.device, tmp_path: Path
) -> None:
    settings = {**on_gpu, "deterministic": True}
    answer = python.run(CODE, settings)
    assert answer.status == 0, answer.err
    assert json.loads(answer.out.splitlines()[-1]) == ["nccl" if gpu_device.type == "cuda" else "gloo"]
    alone = train("cbam20", out=tmp_path / "alone", **settings)
    assert not differing(weights_of(Run.open(tmp_path / "run")), weights_of(alone))


def test_a_training_started_by_torchrun_with_one_process_finishes(
    on_gpu: dict[str, Any], python: PythonProcess, tmp_path: Path
) -> None:
    words = [f"--{name.replace('_', '-')}={value}" for name, value in on_gpu.items() if isinstance(value, str | int)]
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=1", "-m", "zoo")
    out = tmp_path / "run"
    answer = python.command(*launcher, "train", "resnet20", f"--out={out}", f"--root={on_gpu['root']}", *words)
    assert answer.status == 0, answer.err
    assert Run.open(out).record.status == "finished"
