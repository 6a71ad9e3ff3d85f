from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

from zoo.classifier.prediction import class_probabilities
from zoo.data.manifest import Sample
from zoo.evaluation.predictions_csv import read_predictions, write_predictions
from zoo.spec import Head

SAMPLES = [Sample(path=Path(f"{name}.png"), key=f"{name}.png", label="benign", group=name) for name in "ab"]


@pytest.mark.parametrize(("head", "columns"), [("sigmoid", ["malignant"]), ("softmax", ["benign", "malignant"])])
def test_predictions_csv_has_the_logits_to_the_last_bit(tmp_path: Path, head: Head, columns: list[str]) -> None:
    logits = np.float32([[41.123456], [-0.1]]) * np.ones((1, len(columns)), dtype=np.float32)
    logits[:, 0] += 0.3
    write_predictions(
        tmp_path / "predictions.csv",
        SAMPLES,
        logits=logits,
        probabilities=class_probabilities(torch.from_numpy(logits), head, temperature=1).numpy(),
        classes=("benign", "malignant"),
        predicted=np.array([head == "sigmoid", True], dtype=int),
        baseline=None,
    )
    with (tmp_path / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [name for name in rows[0] if name.startswith("logit_")] == [f"logit_{name}" for name in columns]
    read = np.float32([[float(row[f"logit_{name}"]) for name in columns] for row in rows])
    assert (read == logits).all()
    assert rows[0]["predicted"] == ("malignant" if head == "sigmoid" else "benign")
    chances = [[float(row["p_benign"]), float(row["p_malignant"])] for row in rows]
    assert (np.array(chances) == class_probabilities(torch.from_numpy(logits), head, temperature=1).numpy()).all()


def test_predictions_csv_has_the_logits_of_the_simple_model_if_there_is_one(tmp_path: Path) -> None:
    logits, classes = np.float32([[1, 2], [3, 4]]), ("benign", "malignant")
    simple = np.array([[0.25, -0.25], [1 / 3, -1 / 3]])
    for name, given in (("with", simple), ("without", None)):
        write_predictions(
            tmp_path / name,
            SAMPLES,
            logits=logits,
            probabilities=logits,
            classes=classes,
            predicted=np.array([1, 1]),
            baseline=given,
        )
    read = read_predictions(tmp_path / "with", classes=classes)
    assert (read.logits == logits).all()
    assert read.baseline == pytest.approx(simple, rel=1e-8)
    assert read_predictions(tmp_path / "without", classes=classes).baseline is None
