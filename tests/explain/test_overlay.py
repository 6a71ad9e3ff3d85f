from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from zoo.explain.overlay import overlay

TILE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8))


def test_an_overlay_leaves_the_image_unchanged_where_the_heat_map_is_zero() -> None:
    assert (np.asarray(overlay(TILE, np.zeros((5, 7)))) == np.asarray(TILE)).all()


def test_an_overlay_has_the_size_of_the_image() -> None:
    assert overlay(TILE, np.ones((7, 7))).size == TILE.size


def test_an_overlay_shows_heat_at_its_place_in_the_image() -> None:
    heat = np.zeros((4, 6))
    heat[0, 5] = 1
    changed = (np.asarray(overlay(TILE, heat)) != np.asarray(TILE)).any(axis=2)
    assert changed[:10, 50:].all()
    assert not changed[20:, :40].any()


def test_the_image_is_still_visible_under_full_heat() -> None:
    white = np.asarray(overlay(Image.new("RGB", (4, 4), "white"), np.ones((2, 2))))[0, 0]
    black = np.asarray(overlay(Image.new("RGB", (4, 4), "black"), np.ones((2, 2))))[0, 0]
    assert (white.astype(int) - black).tolist() == pytest.approx([0.45 * 255] * 3, abs=1)
    assert black.tolist() == pytest.approx([0.55 * 253, 0.55 * 231, 0.55 * 37], abs=1)


def test_a_map_of_low_resolution_marks_the_parts_that_were_not_seen() -> None:
    heat = np.zeros((4, 6))
    heat[:, :3] = np.nan
    changed = (np.asarray(overlay(TILE, heat)) != np.asarray(TILE)).any(axis=2)
    half = changed.shape[1] // 2
    assert changed[:, : half - 1].all()
    assert not changed[:, half + 1 :].any()
