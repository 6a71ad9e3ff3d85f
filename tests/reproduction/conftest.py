from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.grids import finish_cell, make_grid
from zoo.config.plain import plain
from zoo.config.reproduction_config import ReproductionConfig
from zoo.files import write_json, write_text
from zoo.progress import Silent
from zoo.reproduction import Reproduction, resume_reproduction
from zoo.reproduction.collect_results import collect_results
from zoo.reproduction.measured import measured_rows
from zoo.reproduction.reproduce import with_absolute_root
from zoo.reproduction.results import PaperCell, Results
from zoo.reproduction.study import PlannedGrid, plan_study
from zoo.runs import METRICS, PREDICTIONS, Run
from zoo.runs.grid_folder import GridFolder
from zoo.runs.reproduction_folder import ReproductionFolder

PAPER = """
papers:
  tiny2025:
    title: "Tiny <networks>"
    authors: A. Nobody
    year: 2025
    split: image
    pretrained: true
    data:
      tiles all: {source: SOURCE, images: IMAGES}
    not_comparable: {iba: its IBA is another one}
models:
  plain:
    architecture: small_resnet
    recipe: quick
    paper: tiny2025
    claimed_parameters: 271954
    claims:
      tiles all: {accuracy: 0.8, iba: 0.7, convergence_seconds: 3.5}
  squeezed:
    architecture: senet
    recipe: quick
    paper: tiny2025
    claims:
      tiles all: {accuracy: 0.9, iba: 0.8}
    readings: ["the gate is <open>"]
"""
"""A paper with two networks, measured on the tiles of the tests."""


@dataclass(frozen=True)
class Lab:
    """Reproductions whose runs are copies of one real run, with other measures."""

    out: Path
    tiles: Path
    like: Run
    add_to_registry: Callable[[str], None]

    def register(self, *, source: str = "folder", images: int = 40, plain: str = "small_resnet") -> None:
        """Register the tiny paper, measured on so many images of a data source, with an architecture for `plain`."""
        text = PAPER.replace("SOURCE", source).replace("IMAGES", str(images))
        self.add_to_registry(text.replace("architecture: small_resnet", f"architecture: {plain}"))

    def config(self, **given: Any) -> ReproductionConfig:
        """Return the configuration of a reproduction of the tiny paper."""
        given = {"data": "folder", "root": self.tiles, "out": self.out, "device": "cpu", **given}
        return with_absolute_root(ReproductionConfig.from_keywords("tiny2025", given))

    def folder(self, **given: Any) -> tuple[ReproductionFolder, tuple[PlannedGrid, ...]]:
        """Return the folder of a reproduction with its grids, of which no run has started."""
        config = self.config(**given)
        folder = ReproductionFolder.for_config(config)
        study = plan_study(config, folder.path.resolve())
        for grid in study.grids:
            make_grid(folder.path / grid.name, grid.config)
        return folder, study.grids

    def finish(
        self, grid: Path, model: str, accuracy: float, interval: tuple[float, float] | None, *, seed: int = 0
    ) -> Run:
        """Finish the run of a model, with this accuracy and IBA."""
        folder = GridFolder(grid)
        (cell,) = (cell for cell in folder.config.cells if (cell.model, cell.seed) == (model, seed))
        values = {"balanced_accuracy": accuracy, "accuracy": accuracy, "iba": accuracy}
        run = finish_cell(folder, cell, self.like, values)
        metrics = run.metrics
        measures = replace(metrics.measures, intervals={"accuracy": interval, "iba": interval})
        write_json(run.path / METRICS, plain(replace(metrics, measures=measures)))
        return run

    def fail(self, grid: Path, model: str, error: str) -> None:
        """Leave the run of a model as failed."""
        folder = GridFolder(grid)
        (cell,) = (cell for cell in folder.config.cells if cell.model == model)
        write_text(folder.error_file(cell), error + "\n")

    def results(self, folder: ReproductionFolder) -> Results:
        """Return the results of the runs that are finished, without training the others."""
        config = folder.config
        study = plan_study(config, folder.path.resolve())
        return collect_results(study, config, measured_rows(study, folder))

    def reproduce(
        self, accuracies: Mapping[str, Sequence[float]], interval: tuple[float, float] | None = None, **given: Any
    ) -> Reproduction:
        """Return a reproduction whose runs have these accuracies, one for each seed."""
        folder, grids = self.folder(**given)
        for grid in grids:
            for model, values in accuracies.items():
                for seed, value in enumerate(values):
                    self.finish(folder.path / grid.name, model, value, interval, seed=seed)
        return resume_reproduction(folder.path, progress=Silent())


@pytest.fixture
def lab(own_registry: Callable[[str], None], tiles: Path, trained: Run, tmp_path: Path) -> Lab:
    made = Lab(out=tmp_path / "reproduction", tiles=tiles, like=trained, add_to_registry=own_registry)
    made.register()
    return made


def cell(found: Reproduction | Results, model: str, measure: str = "accuracy") -> PaperCell:
    """Return the cell of a model and a measure."""
    results = found.results if isinstance(found, Reproduction) else found
    (found_cell,) = (one for one in results.cells if (one.model, one.measure) == (model, measure))
    return found_cell


def write_predictions(run: Run, rows: Mapping[str, tuple[str, str, float]]) -> None:
    """Write the predictions of a run: the patient, the label and the logit of the second class of each image."""
    lines = ["key,group,label,predicted,p_bright,p_dark,logit_dark"]
    lines += [f"{key},{group},{label},?,0,0,{logit}" for key, (group, label, logit) in rows.items()]
    write_text(run.path / PREDICTIONS, "\n".join(lines) + "\n")
