from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.grids import answer, finish_cell, make_grid
from zoo.benchmark.planned_part import PlannedPart, plan_parts
from zoo.benchmark.protocol import read_protocol
from zoo.benchmark.run_benchmark import run_benchmark
from zoo.config.benchmark_config import BenchmarkConfig
from zoo.config.plain import plain
from zoo.files import write_json
from zoo.runs import METRICS, Run
from zoo.runs.grid_folder import GridFolder

HEAD = """
title: Dark and <bright> tiles
source: csv
obtain: they are drawn by the tests
unit: patient
limits: [Noise is not tissue.]
seeds: 2
split_seed: 0
parts:
"""
PROTOCOL = (
    HEAD
    + """  - name: attention
    question: Does attention help?
    models: [resnet20, senet20, cbam20]
    pairs: [[senet20, resnet20], [cbam20, resnet20]]
    recipe: modern
    settings: {split: patient, height: 32, width: 32}
    from_scratch: {epochs: 2, batch_size: 8, lr: 0.003}
  - name: leakage
    question: What is a leak worth?
    models: [resnet20]
    against: attention
    recipe: modern
    settings: {split: image, height: 32, width: 32}
    from_scratch: {epochs: 2, batch_size: 8, lr: 0.003}
"""
)
Right = Mapping[str, Mapping[str, float]]
"""The share of right answers, by part and model."""


@dataclass(frozen=True)
class Bench:
    """Benchmarks of a small protocol, whose runs are copies of one real run with other predictions."""

    protocol: Path
    data: Path
    out: Path
    like: Run

    def config(self, **given: Any) -> BenchmarkConfig:
        """Return the configuration of a benchmark."""
        given = {"root": self.data, "out": self.out, "device": "cpu", "stress": False, **given}
        return BenchmarkConfig.from_keywords(str(self.protocol), given)

    def planned(self, **given: Any) -> dict[str, PlannedPart]:
        """Return the parts of a benchmark by name."""
        config = self.config(**given)
        parts = plan_parts(read_protocol(config.protocol), config, self.out.resolve())
        return {one.part.name: one for one in parts}

    def finish(self, right: Right, **given: Any) -> None:
        """Finish the runs of the parts and models that are named, with a share of right answers."""
        for name, one in self.planned(**given).items():
            if name not in right:
                continue
            folder = make_grid(one.path, one.config)
            for cell in one.config.cells:
                if cell.model in right[name]:
                    self._finish(folder, cell.model, cell.seed, right[name][cell.model])

    def _finish(self, folder: GridFolder, model: str, seed: int, right: float) -> None:
        (cell,) = (cell for cell in folder.config.cells if (cell.model, cell.seed) == (model, seed))
        values = dict(self.like.metrics.measures.values) | {"balanced_accuracy": right + seed / 100}
        run = finish_cell(folder, cell, self.like, values)
        run.update(split_digest="the same")
        answer(run, seed=seed, right=right, patients=6)
        metrics = run.metrics
        assert metrics.calibration is not None
        calibration = replace(metrics.calibration, threshold=0.5, chosen="default")  # the other depends on the machine
        write_json(run.path / METRICS, plain(replace(metrics, calibration=calibration)))


ALIKE = {"attention": {"resnet20": 0.9, "senet20": 0.9, "cbam20": 0.3}, "leakage": {"resnet20": 0.99}}


@pytest.fixture
def bench(calibrated: Run, hard_tiles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr("zoo.classifier.cost.SECONDS", 0.01)
    return _bench(tmp_path, calibrated, hard_tiles)


@pytest.fixture(scope="module")
def finished(calibrated: Run, hard_tiles: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A benchmark with its results, to look at and not to change."""
    made = _bench(tmp_path_factory.mktemp("benchmarks"), calibrated, hard_tiles)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        patch.setattr("zoo.classifier.cost.SECONDS", 0.01)
        made.finish(ALIKE)
        run_benchmark(made.config(), progress=False)
    return made


def _bench(folder: Path, like: Run, data: Path) -> Bench:
    protocol = folder / "tiles.yaml"
    protocol.write_text(PROTOCOL, encoding="utf-8")
    return Bench(protocol=protocol, data=data, out=folder / "bench", like=like)
