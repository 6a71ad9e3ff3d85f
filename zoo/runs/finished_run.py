"""A finished run of a grid, with what it measured."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.bundle.bundle_config import BundleConfig
from zoo.config.grid_config import GridConfig
from zoo.metrics.metrics_file import Metrics
from zoo.runs.grid_folder import GridFolder, is_grid
from zoo.runs.run import Run
from zoo.runs.run_record import RunRecord


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    """A finished run."""

    run: Run
    seed: int
    fold: int | None = None
    """The fold that it is tested on; None without a cross-validation."""
    record: RunRecord
    metrics: Metrics

    def value(self, measure: str) -> float | None:
        """Return a measure; None if it is undefined or unknown."""
        return self.metrics.measures.values.get(measure)

    @property
    def seconds_to_best(self) -> float | None:
        """The seconds of training until the best epoch."""
        return self.record.outcome.seconds_to_best if self.record.outcome else None

    @property
    def parameters(self) -> int | None:
        """The number of parameters of the network."""
        training = BundleConfig.read(self.run.bundle).training
        return training.parameters if training else None


def finished_runs(folder: GridFolder, config: GridConfig, model: str) -> tuple[tuple[FinishedRun, ...], dict[str, str]]:
    """Return the finished runs of a model in the order of their seeds, and the errors of its other runs by their names.

    The error is empty for a run that was not started or was stopped.

    Args:
        folder: The folder of the grid, which may not exist yet.
        config: Its configuration.
        model: The model.
    """
    runs, errors = [], {}
    started = is_grid(folder.path)
    for cell in config.cells:
        if cell.model != model:
            continue
        if started and folder.is_finished(cell):
            run = folder.run(cell)
            runs.append(FinishedRun(run=run, seed=cell.seed, fold=cell.fold, record=run.record, metrics=run.metrics))
        else:
            errors[cell.name] = folder.error_text(cell) if started else ""
    return tuple(runs), errors
