from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from zoo_demo.heat_layer import heat_layer, legend_gradient, map_note


def _image(uri: str) -> Image.Image:
    return Image.open(BytesIO(b64decode(uri.partition(",")[2])))


@pytest.mark.parametrize("size", [(32, 32), (224, 224), (50, 40)])
def test_a_map_is_drawn_at_the_size_of_the_input_of_its_network(size: tuple[int, int]) -> None:
    assert _image(heat_layer(np.random.default_rng(0).random((4, 4)), size)).size == size


def test_a_layer_is_clear_where_the_map_is_zero_and_opaque_where_it_is_one() -> None:
    layer = np.asarray(_image(heat_layer(np.array([[0.0, 1.0]]), (64, 32))).convert("RGBA"))
    assert layer[:, 0, 3].max() == 0
    assert layer[:, -1, 3].min() == 255


def test_the_legend_is_clear_at_zero_and_has_the_color_of_the_layer_at_one() -> None:
    legend = legend_gradient()
    opaque = _image(heat_layer(np.ones((1, 1)), (8, 8))).convert("RGBA").getpixel((0, 0))
    assert isinstance(opaque, tuple)
    assert "/ 0.00), " in legend
    assert legend.endswith("rgb({} {} {} / 1.00))".format(*opaque[:3]))


def test_an_empty_map_and_a_flat_one_are_said_to_be_so() -> None:
    assert map_note(np.zeros((7, 7)), "benign") == "The map is empty: it finds no evidence for benign."
    assert "the same everywhere" in map_note(np.ones((7, 7)), "benign")
    assert map_note(np.eye(7), "benign") == ""
