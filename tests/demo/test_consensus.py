from __future__ import annotations

import pytest

from zoo.classifier import Prediction
from zoo_demo.consensus import agree, agreement


def _says(malignant: float, *, novelty: float | None = None) -> Prediction:
    label = "malignant" if malignant > 0.5 else "benign"
    return Prediction(label=label, probabilities={"benign": 1 - malignant, "malignant": malignant}, novelty=novelty)


def _lung(label: str) -> Prediction:
    return Prediction(label=label, probabilities={"aca": 0.5, "normal": 0.3, "scc": 0.2})


@pytest.mark.parametrize(
    ("found", "sentence", "same"),
    [
        ({"a": _says(0.9)}, "a says malignant (90.0 %).", None),
        ({"a": _says(0.9), "b": _says(0.75)}, "Both models say malignant, with 75.0 % to 90.0 %.", True),
        (
            {"a": _says(0.9), "b": _says(0.75), "c": _says(1.0)},
            "All 3 models say malignant, with 75.0 % to > 99.9 %.",
            True,
        ),
        (
            {"a": _says(0.2), "b": _says(0.9), "c": _says(0.75)},
            "They disagree: malignant has 20.0 % to 90.0 %, a difference of 70 percentage points. "
            "b and c say malignant (90.0 % and 75.0 %); a says benign (80.0 %).",
            False,
        ),
        (
            {"a": _says(0.9), "b": _says(0.8, novelty=1.5)},
            "a says malignant (90.0 %). b gives no answer: the tile is unlike the training images.",
            False,
        ),
        (
            {"a": _says(0.9, novelty=2.0), "b": _says(0.8, novelty=1.5)},
            "None of the models answers: the tile is unlike the training images of all 2.",
            True,
        ),
        (
            {"a": _says(0.9), "b": _says(0.8), "lung": _lung("aca")},
            "These models have different classes, so that not all answers can be compared. "
            "a and b say malignant, with 80.0 % to 90.0 %. lung says aca (50.0 %).",
            None,
        ),
        (
            {**{name: _says(0.9) for name in "abc"}, "d": _says(0.75), "e": _says(0.8, novelty=1.5)},
            "4 of 5 models say malignant, with 75.0 % to 90.0 %. e gives no answer: the tile is unlike the training "
            "images.",
            False,
        ),
        (
            {**{name: _says(0.9) for name in "abc"}, "d": _says(0.75), "e": _says(0.2)},
            "They disagree: malignant has 20.0 % to 90.0 %, a difference of 70 percentage points. "
            "4 models say malignant, with 75.0 % to 90.0 %; e says benign (80.0 %).",
            False,
        ),
    ],
)
def test_one_sentence_says_whether_the_models_agree_and_by_how_much(
    found: dict[str, Prediction], sentence: str, same: bool | None
) -> None:
    assert " ".join(agreement(found)) == sentence
    assert agree(found) is same
