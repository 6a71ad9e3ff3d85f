from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from zoo.explain import overlay

TILE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8))


def test_where_the_map_is_empty_the_image_shows_unchanged() -> None:
    assert (np.asarray(overlay(TILE, np.zeros((5, 7)))) == np.asarray(TILE)).all()


def test_the_picture_has_the_size_of_the_image() -> None:
    assert overlay(TILE, np.ones((7, 7))).size == TILE.size


def test_heat_stands_where_it_was_found() -> None:
    heat = np.zeros((4, 6))
    heat[0, 5] = 1
    changed = (np.asarray(overlay(TILE, heat)) != np.asarray(TILE)).any(axis=2)
    assert changed[:10, 50:].all()
    assert not changed[20:, :40].any()


def test_full_heat_still_lets_the_image_through() -> None:
    white = np.asarray(overlay(Image.new("RGB", (4, 4), "white"), np.ones((2, 2))))[0, 0]
    black = np.asarray(overlay(Image.new("RGB", (4, 4), "black"), np.ones((2, 2))))[0, 0]
    assert (white.astype(int) - black).tolist() == pytest.approx([0.45 * 255] * 3, abs=1)
    assert black.tolist() == pytest.approx([0.55 * 252, 0.55 * 255, 0.55 * 164], abs=1)
