from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from zoo.baseline import STATISTICS, Baseline, fit_baseline
from zoo.baseline import baseline as module
from zoo.data.device_images import DeviceImages
from zoo.data.split.split import Split
from zoo.progress import Silent


class Noise:
    """80 images: the first half dark, the second half bright."""

    def __len__(self) -> int:
        return 80

    def read(self, indices: Any) -> np.ndarray:
        generator = np.random.default_rng(0)
        noise = generator.normal(0, 30, (80, 12, 10, 3))
        bright = np.where(np.arange(80) < 40, 90, 170)[:, None, None, None]
        return np.asarray((noise + bright).clip(0, 255).astype(np.uint8)[np.asarray(indices)])


LABELS = (np.arange(80) >= 40).astype(int)
SPLIT = Split(
    train=tuple(range(0, 80, 2)), val=tuple(range(1, 80, 4)), test=tuple(range(3, 80, 4)), unit="image", seed=0
)


@pytest.fixture(scope="module")
def images() -> DeviceImages:
    return DeviceImages(Noise(), torch.device("cpu"))


@pytest.fixture(scope="module")
def fitted(images: DeviceImages) -> Baseline:
    return fit_baseline(images, SPLIT, LABELS, 2, Silent())


def test_the_baseline_tells_dark_from_bright_images_that_it_has_not_seen(
    images: DeviceImages, fitted: Baseline
) -> None:
    assert fitted.images == 40
    predicted = fitted.logits(images, SPLIT.test, Silent()).argmax(axis=1)
    assert np.mean(predicted == LABELS[list(SPLIT.test)]) > 0.95


def test_no_image_of_the_test_part_is_used(images: DeviceImages, fitted: Baseline) -> None:
    labels = LABELS.copy()
    labels[list(SPLIT.test)] = 1 - labels[list(SPLIT.test)]
    again = fit_baseline(images, SPLIT, labels, 2, Silent())
    assert again.to_document() == fitted.to_document()


def test_of_many_images_a_part_is_used_that_is_spread_over_all(
    images: DeviceImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_TRAINING", 10)
    found = fit_baseline(images, SPLIT, LABELS, 2, Silent())
    assert found.images == 10
    predicted = found.logits(images, SPLIT.test, Silent()).argmax(axis=1)
    assert np.mean(predicted == LABELS[list(SPLIT.test)]) > 0.9


def test_a_baseline_that_is_written_and_read_gives_the_same_logits(images: DeviceImages, fitted: Baseline) -> None:
    document = json.loads(json.dumps(fitted.to_document(), allow_nan=False))
    read = Baseline.from_document(document, classes=2)
    assert read is not None
    assert np.array_equal(read.logits(images, SPLIT.test, Silent()), fitted.logits(images, SPLIT.test, Silent()))


def test_a_baseline_of_another_format_is_not_used(fitted: Baseline) -> None:
    assert Baseline.from_document({**fitted.to_document(), "format": 99}, classes=2) is None


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"mean": [0.0]}, "not for 2 classes and 80 statistics"),
        ({"weights": [[0.0] * len(STATISTICS)]}, "not for 2 classes"),
        ({"bias": [0.0, float("inf")]}, "must be a number, not inf"),
        ({"scale": [0.0] * len(STATISTICS)}, "positive"),
        ({"weights": "all"}, "weights"),
        ({"more": 1}, "more"),
    ],
)
def test_a_damaged_baseline_is_an_error_that_says_what_is_wrong(
    fitted: Baseline, change: dict[str, Any], text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        Baseline.from_document({**fitted.to_document(), **change}, classes=2)


@pytest.mark.parametrize("document", [None, [], "text", 7])
def test_a_document_that_is_no_baseline_is_an_error(document: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        Baseline.from_document(document, classes=2)


def test_a_rare_class_is_among_the_part_of_many_images_that_is_used(
    images: DeviceImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_TRAINING", 10)
    labels = LABELS.copy()
    labels[[2, 6]] = 2  # neither is one of ten images spread over the list
    found = fit_baseline(images, SPLIT, labels, 3, Silent())
    assert (found.regression.bias > -100).all(), "a class without training images is never predicted"
    assert found.images == 10 + 1
