"""The training curves of a reproduction, for each data set and split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zoo.reports.charts import Chart
from zoo.reports.history_charts import history_charts
from zoo.reproduction.measured import Measured
from zoo.reproduction.study import Study


@dataclass(frozen=True, kw_only=True)
class ChartGroup:
    """The charts of one data set with one split."""

    title: str
    charts: tuple[Chart, ...]


def training_charts(measured: Sequence[Measured], study: Study) -> list[ChartGroup]:
    """Return the curves of the finished runs of every model, for each data set and split."""
    groups = []
    for data in study.data:
        for split in study.splits:
            histories = {
                one.model: [run.run.history for run in one.runs]
                for one in measured
                if one.data == data and one.split == split and one.runs
            }
            if charts := history_charts(histories):
                groups.append(ChartGroup(title=f"{data.name}, split by {split}", charts=tuple(charts)))
    return groups
