from __future__ import annotations

import pytest
from PIL import Image

from zoo_demo.examples import draw_examples
from zoo_demo.tile_notes import blank_note


@pytest.mark.parametrize("color", ["white", "black", (250, 240, 245)])
def test_a_tile_of_one_color_is_said_to_be_almost_blank(color: str | tuple[int, int, int]) -> None:
    assert "almost blank" in blank_note(Image.new("RGB", (300, 200), color))


def test_a_tile_with_tissue_is_not_said_to_be_blank() -> None:
    assert [blank_note(example.image) for example in draw_examples()] == ["", ""]
