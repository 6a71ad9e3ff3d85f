"""Training in several processes against one.

Tolerance: the processes add up the same float32 numbers in another order, so a gradient differs by some 1e-7 of the
largest. Adam divides a gradient by its own size, which turns such a difference in an entry near zero into one of the
learning rate's size; so weights are compared against the learning rate, and after a few steps.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from tests.distributed.failing_plugin import install_failing_plugin
from tests.distributed.recorded_training import RecordedTraining, clear_plugin_cache, record_training
from tests.installed_packages import Site
from tests.process_group import ProcessGroup
from tests.training.epochs import TIMES
from zoo import evaluate
from zoo.distributed.world import World
from zoo.metrics import measure
from zoo.runs import Run

ProcessGroups = Callable[[int], ProcessGroup]
LR = 1e-3

CASES: dict[str, dict[str, Any]] = {
    "batch norm": {},
    "averaged": {"averaging": 0.9},
    "sgd": {"optimizer": "sgd", "lr": 0.01},
    "class weights, balanced sampling": {"class_weights": "balanced", "sampling": "balanced"},
    "mixup": {"mixing": "mixup", "class_weights": "balanced"},
    "cutmix, focal": {"mixing": "cutmix", "class_weights": "balanced", "loss": "focal"},
    "head only": {"tune": "head"},
    "frozen": {"batch_norm": "frozen", "early_rate": 0.5},
    "no batch norm": {"model_options": {"norm": "none"}},
}


@pytest.fixture(scope="session")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of 26 and 14 tiles of noise."""
    root = tmp_path_factory.mktemp("data") / "uneven"
    noise = np.random.default_rng(0)
    for name, middle, count in (("bright", 150, 26), ("dark", 110, 14)):
        (root / name).mkdir(parents=True)
        for number in range(count):
            pixels = noise.normal(middle, 60, (24, 24, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number:02d}.png")
    return root


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    found = Site(tmp_path_factory.mktemp("site"))
    install_failing_plugin(found)
    return found


def _settings(root: Path, case: str, **more: Any) -> dict[str, Any]:
    """Return the settings of a training on the data in `root`."""
    settings = {
        "model": "fragile",
        "data": "folder",
        "root": root,
        "recipe": "modern",
        "device": "cpu",
        "precision": "float32",
        "epochs": 2,
        "batch_size": 8,
        "lr": LR,
        "warmup": 0.0,
        "averaging": 0.0,
        "class_weights": "none",
        "augment": ("symmetries",),
        "out": "run",
    }
    return {**settings, **CASES[case], **more}


def _train_alone(site: Site, settings: dict[str, Any], stop_after: int = 0) -> RecordedTraining:
    here = Path.cwd()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        patch.setattr(sys, "path", list(sys.path))
        try:
            return record_training(World(), str(site.folder), stop_after, settings)
        finally:
            clear_plugin_cache()


def _largest_difference(one: dict[str, Tensor], other: dict[str, Tensor]) -> float:
    assert one.keys() == other.keys()
    return max(float((one[name].double() - tensor.double()).abs().max()) for name, tensor in other.items())


def _probabilities(run: Path) -> tuple[list[str], np.ndarray]:
    with (run / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["key"] for row in rows], np.array([[float(row["p_bright"]), float(row["p_dark"])] for row in rows])


@pytest.mark.parametrize("case", CASES)
def test_several_processes_compute_the_same_as_one_process(
    process_groups: ProcessGroups, site: Site, uneven: Path, case: str, tmp_path: Path
) -> None:
    """Batches of 8: over three processes the parts are 2, 3 and 3; two processes do nothing that three do not."""
    alone = _train_alone(site, _settings(uneven, case, out=tmp_path / "1"))
    for size in (2, 3) if case == "batch norm" else (3,):
        found = process_groups(size).run(
            record_training, str(site.folder), 0, _settings(uneven, case, out=tmp_path / str(size))
        )
        _same_work(found, alone)
        largest = max(float(grad.abs().max()) for grad in alone.first_gradients.values())
        for one in found:
            assert _largest_difference(one.first_gradients, alone.first_gradients) <= 1e-5 * largest
            assert _largest_difference(one.weights, alone.weights) <= 1e-3 * CASES[case].get("lr", LR)
        _same_numbers(tmp_path / str(size), tmp_path / "1")


def _same_work(found: list[RecordedTraining], alone: RecordedTraining) -> None:
    """Check that every batch has the same images, shared by all, and that only the chief reports and writes."""
    assert [list(chain(*parts)) for parts in zip(*(one.batches for one in found), strict=True)] == alone.batches
    assert found[0].messages
    assert [one.messages for one in found[1:]] == [[]] * (len(found) - 1)
    assert [one.files for one in found] == [[]] * len(found)


def _same_numbers(several: Path, one: Path) -> None:
    """Check that history, probabilities and metrics are the same, up to rounding."""
    for row, other in zip(_history(several), _history(one), strict=True):
        _same_values({**row, **dict.fromkeys(TIMES)}, {**other, **dict.fromkeys(TIMES)})
    keys, probabilities = _probabilities(several)
    its_keys, its_probabilities = _probabilities(one)
    assert keys == its_keys
    assert len(set(keys)) == len(keys) == 12
    assert np.abs(probabilities - its_probabilities).max() <= 1e-6
    labels = np.array([int(key.startswith("dark")) for key in keys])
    expected = measure(labels=labels, probabilities=probabilities, classes=("bright", "dark"), groups=None).values
    values = Run.open(several).metrics.measures.values
    _same_values(values, Run.open(one).metrics.measures.values)
    _same_values(values, expected)


def _same_values(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name, value in other.items():
        assert one[name] == (value if value is None else pytest.approx(value, rel=1e-5)), name


def _history(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]


def test_sync_norm_no_uses_the_batch_statistics_of_each_process(
    process_groups: ProcessGroups, site: Site, uneven: Path, tmp_path: Path
) -> None:
    settings = _settings(uneven, "batch norm", sync_norm="no", averaging=0.9, fractions=(0.7, 0, 0.3))
    alone = _train_alone(site, {**settings, "out": tmp_path / "1"})
    found = process_groups(2).run(record_training, str(site.folder), 0, {**settings, "out": tmp_path / "2"})
    assert _largest_difference(found[0].first_gradients, alone.first_gradients) > 1e-3, (
        "the comparison with one process would notice it"
    )
    assert _largest_difference(found[0].weights, found[1].weights) == 0
    assert any("2 processes, batch norm over each process (as requested)" in line for line in found[0].messages)
    assert Run.open(tmp_path / "2").record.status == "finished"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(site.folder), *sys.path])
        clear_plugin_cache()
        probabilities = evaluate(tmp_path / "2", device="cpu").probabilities
        clear_plugin_cache()
    assert np.abs(probabilities - _probabilities(tmp_path / "2")[1]).max() <= 1e-6, (
        "each process had the weights that are kept"
    )


@pytest.mark.parametrize(("before", "after", "stop_after"), [(2, 3, 3), (3, 1, 4), (3, 2, 5), (1, 2, 2)])
def test_a_run_is_resumed_with_another_number_of_processes(
    process_groups: ProcessGroups, site: Site, uneven: Path, tmp_path: Path, before: int, after: int, stop_after: int
) -> None:
    """One process receives SIGTERM, and all stop after the same step. An epoch has three steps."""

    def train(size: int, stop: int, settings: dict[str, Any]) -> list[RecordedTraining]:
        if size == 1:
            return [_train_alone(site, settings, stop)]
        return process_groups(size).run(record_training, str(site.folder), stop, settings)

    settings = _settings(uneven, "averaged", sampling="balanced", mixing="mixup", batch_size=9)
    alone = _train_alone(site, {**settings, "out": tmp_path / "whole"})
    interrupted = train(before, stop_after, {**settings, "out": tmp_path / "run"})
    assert all(one.interrupted for one in interrupted)
    assert Run.open(tmp_path / "run").record.status == "interrupted"
    resumed = train(after, 0, {"run": tmp_path / "run"})
    taken = [
        list(chain(*parts))
        for found in (interrupted, resumed)
        for parts in zip(*(one.batches for one in found), strict=True)
    ]
    assert taken == alone.batches
    assert _history(tmp_path / "run")[-1]["step"] == 6
    _same_numbers(tmp_path / "run", tmp_path / "whole")
    ours, whole = (load_file(tmp_path / name / "bundle" / "model.safetensors") for name in ("run", "whole"))
    assert _largest_difference(ours, whole) <= 1e-3 * LR


def test_a_nan_loss_in_one_process_stops_all_processes(
    process_groups: ProcessGroups, site: Site, uneven: Path, tmp_path: Path
) -> None:
    settings = _settings(uneven, "batch norm", out=tmp_path / "run", model_options={"fault": "nan"})
    with pytest.raises(AssertionError, match=r"became nan in epoch 1, step 3 of 3, on the images \w+/\d\d.png"):
        process_groups(2).run(record_training, str(site.folder), 0, settings)
    failed = Run.open(tmp_path / "run").record
    assert failed.status == "failed"
    assert "the loss became nan" in (failed.error or "")


def test_a_batch_smaller_than_the_number_of_processes_is_refused(
    process_groups: ProcessGroups, site: Site, uneven: Path, tmp_path: Path
) -> None:
    settings = _settings(uneven, "batch norm", batch_size=2, out=tmp_path / "run")
    with pytest.raises(AssertionError, match="a batch of 2 images cannot be shared by 3 processes"):
        process_groups(3).run(record_training, str(site.folder), 0, settings)
    assert not (tmp_path / "run").exists()
