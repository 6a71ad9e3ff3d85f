"""The charts of an evaluation and of the training before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from zoo.evaluation.evaluation import Evaluation
from zoo.reports.charts import MAX_CURVES, Chart, curve_chart, history_chart, reliability_chart
from zoo.reports.roc import precision_recall_curves, reliability, roc_curves
from zoo.runs.history import Epoch


def evaluation_charts(evaluation: Evaluation) -> list[Chart]:
    """Return ROC, precision-recall and reliability charts; none without at least two classes among the images."""
    if len(np.unique(evaluation.labels)) < 2:
        return []
    outputs = evaluation.outputs
    samples, calibrated = outputs.checked(), outputs.uncalibrated(outputs.logits / outputs.temperature).checked()
    return [
        curve_chart(
            "ROC", roc_curves(samples)[:MAX_CURVES], x="false positive rate", y="sensitivity (recall)", diagonal=True
        ),
        curve_chart(
            "Precision and recall",
            precision_recall_curves(samples)[:MAX_CURVES],
            x="recall (sensitivity)",
            y="precision",
            diagonal=False,
        ),
        reliability_chart(reliability(calibrated)),
    ]


def training_charts(history: Sequence[Epoch]) -> list[Chart]:
    """Return the losses and the validation accuracy by epoch."""
    if not history:
        return []
    epochs = [row.epoch for row in history]
    losses: dict[str, Sequence[float | None]] = {
        "training": [row.train_loss for row in history],
        "validation": [row.val_loss for row in history],
    }
    charts = [history_chart(epochs, _known(losses), y="loss")]
    accuracy = _known({"balanced accuracy, validation": [row.val_balanced_accuracy for row in history]})
    return [*charts, history_chart(epochs, accuracy, y="balanced accuracy")] if accuracy else charts


def _known(lines: Mapping[str, Sequence[float | None]]) -> dict[str, Sequence[float | None]]:
    """Return the lines that have any value."""
    return {name: values for name, values in lines.items() if any(value is not None for value in values)}
