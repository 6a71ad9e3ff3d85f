"""The training curves of a reproduction: losses and validation accuracy by epoch, a line for each model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zoo.reports.charts import Chart, history_chart
from zoo.reproduction.measured import Measured
from zoo.reproduction.study import Study
from zoo.runs import HISTORY
from zoo.training.history import Epoch, read_history

CURVES = {"train_loss": "training loss", "val_loss": "validation loss", "val_accuracy": "validation accuracy"}
"""The values of an epoch that are drawn, with their names."""


@dataclass(frozen=True, kw_only=True)
class ChartGroup:
    """The charts of one data set with one split."""

    title: str
    charts: tuple[Chart, ...]


def training_charts(measured: Sequence[Measured], study: Study) -> list[ChartGroup]:
    """Return the curves of the first finished run of every model, for each data set and split."""
    groups = []
    for data in study.data:
        for split in study.splits:
            rows = [one for one in measured if (one.data, one.split) == (data, split) and one.runs]
            histories = {one.model: read_history(one.runs[0].run.path / HISTORY) for one in rows}
            if charts := _charts(histories):
                groups.append(ChartGroup(title=f"{data.name}, split by {split}", charts=tuple(charts)))
    return groups


def _charts(histories: dict[str, list[Epoch]]) -> list[Chart]:
    """Return a chart for each value that is known in any epoch."""
    epochs = list(range(1, max((len(rows) for rows in histories.values()), default=0) + 1))
    charts = []
    for field, name in CURVES.items():
        lines: dict[str, Sequence[float | None]] = {}
        for model, rows in histories.items():
            values = [getattr(row, field) for row in rows]
            if any(value is not None for value in values):
                lines[model] = values + [None] * (len(epochs) - len(values))
        if lines:
            charts.append(history_chart(epochs, lines, y=name))
    return charts
