"""The name of each measure for a reader: in the terminal, in the table of a grid, and on the model card."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "precision": "precision",
    "recall": "recall (sensitivity)",
    "specificity": "specificity",
    "f1": "F1",
    "f1_macro": "F1 (macro)",
    "f1_weighted": "F1 (weighted)",
    "f1_minority": "F1 (rarest class)",
    "precision_weighted": "precision (weighted)",
    "recall_weighted": "recall (weighted)",
    "specificity_weighted": "specificity (weighted)",
    "gmean": "G-mean (weighted)",
    "iba": "IBA (weighted)",
    "loss": "loss",
    "auroc": "AUROC",
}


def measure_name(measure: str) -> str:
    """Return the name of a measure for a reader; one that another version of histozoo computed keeps its own."""
    return NAMES.get(measure, measure.replace("_", " "))
