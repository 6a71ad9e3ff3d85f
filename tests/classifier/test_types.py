"""The static types of `predict` and `explain`. mypy checks this file: see `modules` in pyproject.toml."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from typing_extensions import assert_type

from zoo import create_model
from zoo.classifier import Classifier, Explanation, ImageBatch, ImageLike, Prediction
from zoo.errors import DataError

Array3 = np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]
Array4 = np.ndarray[tuple[int, int, int, int], np.dtype[np.uint8]]


@pytest.fixture(scope="module")
def model() -> Classifier:
    torch.manual_seed(0)
    return create_model("resnet20", options={"depth": 8})


@pytest.fixture
def image() -> Image.Image:
    return Image.new("RGB", (20, 30), "purple")


def test_predict_of_one_image_is_typed_as_a_prediction(model: Classifier, image: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "tile.png"
    image.save(path)
    array: Array3 = np.zeros((20, 30, 3), np.uint8)
    either: ImageLike = path
    found = [
        assert_type(model.predict(path), Prediction),
        assert_type(model.predict(str(path)), Prediction),
        assert_type(model.predict(image), Prediction),
        assert_type(model.predict(array, batch_size=2), Prediction),
        assert_type(model.predict(either), Prediction),
    ]
    assert all(isinstance(one, Prediction) for one in found)


def test_predict_of_several_images_is_typed_as_a_list(model: Classifier, image: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "tile.png"
    image.save(path)
    paths: list[Path] = [path]
    pictures: tuple[Image.Image, ...] = (image,)
    tiles: list[NDArray[np.uint8]] = [np.asarray(image)]
    array: Array4 = np.zeros((1, 20, 30, 3), np.uint8)
    batch: ImageBatch = paths
    found = [
        assert_type(model.predict(paths), list[Prediction]),
        assert_type(model.predict([str(path)]), list[Prediction]),
        assert_type(model.predict(pictures), list[Prediction]),
        assert_type(model.predict(tiles), list[Prediction]),
        assert_type(model.predict(array), list[Prediction]),
        assert_type(model.predict(batch), list[Prediction]),
    ]
    assert all(len(one) == 1 for one in found)


def test_explain_is_typed_like_predict(model: Classifier, image: Image.Image) -> None:
    array: Array4 = np.zeros((2, 20, 30, 3), np.uint8)
    assert isinstance(assert_type(model.explain(image), Explanation), Explanation)
    assert len(assert_type(model.explain([image], method="dt-gradcam"), list[Explanation])) == 1
    assert len(assert_type(model.explain(array, label="1"), list[Explanation])) == 2


def test_a_mistyped_argument_is_a_type_error(model: Classifier) -> None:
    with pytest.raises(DataError, match="an array must be"):
        model.predict(3)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="batchsize"):
        model.predict([], batchsize=3)  # type: ignore[call-overload]
