"""The training curves of several models: losses and validation accuracy by epoch, a line for each model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from zoo.reports.charts import Chart, history_chart
from zoo.runs.history import Epoch

if TYPE_CHECKING:
    from numpy.typing import NDArray

CURVES = {
    "train_loss": "training loss",
    "val_loss": "validation loss",
    "val_accuracy": "validation accuracy",
}
"""The values of an epoch that are drawn, with their names."""
HOW_CURVES = (
    "By epoch, a line for each model; of several runs the mean, with a band from the lowest to the highest. Runs "
    "without a validation part have only the training loss."
)


def history_charts(histories: Mapping[str, Sequence[Sequence[Epoch]]]) -> list[Chart]:
    """Return a chart of each value that is known in any epoch.

    Args:
        histories: The epochs of each run, by model.
    """
    longest = max((len(epochs) for runs in histories.values() for epochs in runs), default=0)
    charts = []
    for field, name in CURVES.items():
        values = {model: _values(runs, field, longest) for model, runs in histories.items()}
        known = {model: rows for model, rows in values.items() if not np.isnan(rows).all()}
        if known:
            charts.append(
                history_chart(
                    list(range(1, longest + 1)),
                    {model: _of_epochs(np.nanmean, rows) for model, rows in known.items()},
                    y=name,
                    bands={
                        model: (_of_epochs(np.nanmin, rows), _of_epochs(np.nanmax, rows))
                        for model, rows in known.items()
                        if len(rows) > 1
                    },
                )
            )
    return charts


def _values(runs: Sequence[Sequence[Epoch]], field: str, epochs: int) -> NDArray[np.float64]:
    """Return a value of every run and epoch, [runs, epochs]; NaN where it is not known."""
    rows = np.full((len(runs), epochs), np.nan)
    for row, history in zip(rows, runs, strict=True):
        for place, epoch in enumerate(history):
            value = getattr(epoch, field)
            row[place] = np.nan if value is None else value
    return rows


def _of_epochs(summary: Callable[[NDArray[np.float64]], np.floating], rows: NDArray[np.float64]) -> list[float | None]:
    """Return a summary of the runs in each epoch; None where no run has a value."""
    return [float(summary(column)) if not np.isnan(column).all() else None for column in rows.T]
