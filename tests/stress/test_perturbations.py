from __future__ import annotations

import numpy as np
import pytest

from zoo.data.optical_density import densities
from zoo.stress import PERTURBATIONS, Perturbation

NAMED = {one.name: one for one in PERTURBATIONS}


@pytest.fixture(scope="module")
def tissue() -> np.ndarray:
    """Two images in colors of H&E, with structure at several scales."""
    generator = np.random.default_rng(0)
    amounts = generator.uniform(0.1, 1.2, (2, 8, 8, 2)).repeat(8, axis=1).repeat(8, axis=2)
    from zoo.data.optical_density import DYES

    light = np.exp(-(amounts @ DYES[:2]))
    return np.asarray((light * 255).round().astype(np.uint8))


@pytest.mark.parametrize("one", PERTURBATIONS, ids=lambda one: one.name)
def test_stronger_degradation_changes_the_image_more_and_keeps_shape_and_type(
    one: Perturbation, tissue: np.ndarray
) -> None:
    before = tissue.copy()
    changes = []
    for strength in one.strengths:
        image = one.apply(tissue, strength)
        assert (image.shape, image.dtype) == (tissue.shape, np.uint8)
        changes.append(float(np.abs(image.astype(float) - tissue).mean()))
    assert changes[0] > 0
    assert changes[-1] > 1.5 * changes[0]
    assert np.array_equal(tissue, before)


@pytest.mark.parametrize("one", [one for one in PERTURBATIONS if one.name != "JPEG"], ids=lambda one: one.name)
def test_a_degradation_of_strength_zero_changes_nothing(one: Perturbation, tissue: np.ndarray) -> None:
    assert np.abs(one.apply(tissue, 0.0).astype(int) - tissue).max() <= 1


def test_jpeg_of_the_highest_quality_hardly_changes_an_image(tissue: np.ndarray) -> None:
    assert np.abs(NAMED["JPEG"].apply(tissue, 0.0).astype(int) - tissue).mean() < 3


def test_more_hematoxylin_changes_the_ratio_of_the_dyes_by_the_stated_factor(tissue: np.ndarray) -> None:
    before = densities(tissue / 255)
    after = densities(NAMED["more hematoxylin"].apply(tissue, 0.5) / 255)
    ratio = (after[..., 0] / after[..., 1]) / (before[..., 0] / before[..., 1])
    assert float(np.median(ratio)) == pytest.approx(2**0.5, rel=0.03)


def test_larger_and_smaller_magnify_around_the_center() -> None:
    image = np.full((1, 64, 64, 3), 255, dtype=np.uint8)
    image[:, 24:40, 24:40] = 0  # a dark square of 16 pixels in the middle
    larger = NAMED["larger"].apply(image, 1.0)
    smaller = NAMED["smaller"].apply(image, 1.0)
    assert (larger[0, :, :, 0] < 128).sum() == pytest.approx(32 * 32, rel=0.1)
    assert (smaller[0, 24:40, 24:40, 0] < 128).sum() == pytest.approx(8 * 8, rel=0.3)
    assert larger[0, 31, 31, 0] == 0


def test_the_degraded_image_does_not_depend_on_the_other_images(tissue: np.ndarray) -> None:
    for one in PERTURBATIONS:
        together = one.apply(tissue, one.strengths[2])
        alone = one.apply(tissue[1:], one.strengths[2])
        assert np.abs(together[1:].astype(int) - alone).max() <= 1
