from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zoo.metrics import measure
from zoo.metrics.metrics_file import DatasetInfo, EvaluatedPart, Metrics
from zoo_demo.how_well import how_well


def _metrics(labels: list[int], malignant: list[float]) -> Metrics:
    return Metrics(
        data=DatasetInfo(source="breakhis", name="BreakHis 40x", synthetic=False, fingerprint="a1"),
        split=EvaluatedPart(unit="patient", seed=7, part="test"),
        training_seed=3,
        measures=measure(
            labels=labels,
            probabilities=[[1 - p, p] for p in malignant],
            classes=["benign", "malignant"],
            groups=[f"patient {index // 3}" for index in range(len(labels))],
        ),
    )


def test_a_figure_has_its_interval_data_split_images_and_patients(metrics: Callable[..., Any]) -> None:
    found = how_well(metrics())
    low, high = found.accuracy.interval or (0, 0)
    assert str(found) == (
        f"balanced accuracy {found.accuracy.value:.3f} (95 % {low:.3f} to {high:.3f}) on BreakHis 40x, test part, "
        "split by patient, seed 7: 60 images of 20 patients"
    )
    assert found.guessing == ""


def test_a_model_that_gives_every_image_the_same_class_is_guessing() -> None:
    found = how_well(_metrics([index % 2 for index in range(60)], [0.999] * 60))
    assert found.accuracy.value == 0.5
    assert found.guessing == "all 60 images were classified as malignant: this model does not tell the classes apart"


def test_a_model_whose_interval_contains_chance_is_guessing() -> None:
    labels = [index % 2 for index in range(60)]
    right = [index % 9 < 5 for index in range(60)]
    found = how_well(
        _metrics(labels, [0.9 if bool(label) == one else 0.1 for label, one in zip(labels, right, strict=True)])
    )
    low, _ = found.accuracy.interval or (1, 1)
    assert low < 0.5 < (found.accuracy.value or 0)
    assert "and guessing has 0.500" in found.guessing
