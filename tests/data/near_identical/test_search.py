"""Copies of images are found under the symmetries of the square and after re-encoding; other images are not."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageEnhance
from PIL.Image import Image

from zoo.data.near_identical import MAX_DISTANCE, NearIdentical, find_near_identical, thumbnail
from zoo.data.near_identical.candidates import OTHERS, candidates
from zoo.data.near_identical.descriptors import descriptors
from zoo.data.near_identical.thumbnails import SIDE, symmetries
from zoo.synthetic import draw_tile, patients


@pytest.fixture(scope="module")
def tiles() -> list[Image]:
    """Two drawn tiles of each of thirty patients."""
    return [
        Pillow.fromarray(draw_tile(patient, index, seed=0, size=(92, 140)))
        for patient in patients(0)
        for index in range(2)
    ]


def _jpeg(image: Image, quality: int) -> Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Pillow.open(io.BytesIO(file.getvalue())).convert("RGB")


def _find(images: list[Image]) -> NearIdentical:
    thumbnails = np.stack([thumbnail(image) for image in images])
    return find_near_identical(thumbnails, [f"{index}".encode() for index in range(len(images))])


def _pairs(found: NearIdentical) -> set[tuple[int, int]]:
    return {(pair.first, pair.second) for pair in found.pairs}


@pytest.mark.parametrize("symmetry", [None, *Pillow.Transpose])
def test_copy_under_every_symmetry_and_compressed_is_found(tiles: list[Image], symmetry: Pillow.Transpose) -> None:
    copy = tiles[7] if symmetry is None else tiles[7].transpose(symmetry)
    assert _pairs(_find([*tiles, _jpeg(copy, 50)])) == {(7, len(tiles))}


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.resize((image.width // 2, image.height // 2)),
        lambda image: image.resize((image.width * 2, image.height * 2)),
        lambda image: image.resize((224, 224)),
        lambda image: _jpeg(image.resize((image.width // 2, image.height // 2)), 75),
        lambda image: _jpeg(image, 30),
        lambda image: ImageEnhance.Contrast(image).enhance(0.82),
        lambda image: ImageEnhance.Contrast(image).enhance(1.2),
    ],
)
def test_copy_of_other_size_quality_or_contrast_is_found(tiles: list[Image], change: Callable[[Image], Image]) -> None:
    for index in (0, 20, 41):
        assert _pairs(_find([*tiles, change(tiles[index])])) == {(index, len(tiles))}


@pytest.mark.parametrize(
    ("contrast", "shift", "found"), [(1.26, 0, True), (1.31, 0, False), (1, 0.23, True), (1, 0.27, False)]
)
def test_the_limit_is_a_contrast_of_128_percent_or_a_shift_by_a_quarter_of_the_contrast(
    contrast: float, shift: float, found: bool
) -> None:
    image = np.random.default_rng(0).normal(110, 25, (SIDE, SIDE))
    spread = image.std()
    copy = image.mean() + (image - image.mean()) * contrast + shift * spread
    pair = np.stack([image, copy]).round().clip(0, 255).astype(np.uint8)
    assert bool(find_near_identical(pair, [b"one", b"other"]).pairs) is found


def test_tiles_of_one_patient_or_of_several_are_not_near_identical(tiles: list[Image]) -> None:
    found = _find(tiles)
    assert found.pairs == ()
    assert found.compared == len(tiles)


def test_blank_tiles_are_counted_and_not_compared(tiles: list[Image]) -> None:
    """Empty glass with the shading of one microscope, and noise."""
    random = np.random.default_rng(0)
    shading = 235 + 6 * np.linspace(0, 1, 140)[None, :, None] + np.zeros((92, 140, 3))
    blank = [Pillow.fromarray((shading + random.normal(0, 1, shading.shape)).astype(np.uint8)) for _ in range(50)]
    found = _find([*tiles, *blank, Pillow.new("RGB", (50, 50), "white")])
    assert found.pairs == ()
    assert found.blank == tuple(range(len(tiles), len(tiles) + 51))


def test_identical_images_and_images_that_cannot_be_read_are_left_out(tiles: list[Image]) -> None:
    images = [tiles[0], tiles[0], _jpeg(tiles[0], 75), tiles[1], tiles[2]]
    thumbnails = np.stack([thumbnail(image) for image in images])
    found = find_near_identical(thumbnails, [b"a", b"a", b"b", None, b"c"])
    assert _pairs(found) == {(0, 2)}
    assert found.compared == 3


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_images_are_no_trouble(tiles: list[Image], count: int) -> None:
    thumbnails = np.stack([thumbnail(image) for image in tiles])[:count]
    assert find_near_identical(thumbnails, [f"{index}".encode() for index in range(count)]).pairs == ()


def test_the_distance_of_descriptors_is_at_most_that_of_the_images_under_the_best_symmetry(tiles: list[Image]) -> None:
    thumbnails = np.stack([thumbnail(image) for image in tiles])
    images = thumbnails.astype(np.float32)
    contrast = images.std(axis=(1, 2))
    vectors = descriptors(thumbnails)
    between = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    distance = np.min(
        [((images[:, None] - turned[None]) ** 2).mean(axis=(2, 3)) for turned in symmetries(images)], axis=0
    )
    assert (between <= np.sqrt(distance / (contrast[:, None] * contrast[None])) + 1e-4).all()


def test_descriptors_are_the_same_under_every_symmetry(tiles: list[Image]) -> None:
    thumbnails = np.stack([thumbnail(image) for image in tiles])
    every = np.concatenate([turned.astype(np.uint8) for turned in symmetries(thumbnails.astype(np.float32))])
    vectors = descriptors(every).reshape(8, len(tiles), -1)
    np.testing.assert_allclose(vectors, np.broadcast_to(vectors[:1], vectors.shape), atol=1e-4)


def test_an_image_is_compared_with_a_bounded_number_of_others() -> None:
    """Even if all images are alike, so that the time does not grow with the square of their number."""
    random = np.random.default_rng(0)
    base = random.integers(0, 256, (1, SIDE, SIDE))
    thumbnails = (base + random.integers(-3, 4, (2000, SIDE, SIDE))).clip(0, 255).astype(np.uint8)
    pairs = candidates(descriptors(thumbnails))
    assert len(pairs) <= 2000 * OTHERS * 32
    linked = find_near_identical(thumbnails, [f"{index}".encode() for index in range(2000)])
    assert {index for pair in linked.pairs for index in (pair.first, pair.second)} == set(range(2000))
    assert all(pair.distance <= MAX_DISTANCE for pair in linked.pairs)


def test_images_with_a_side_of_a_few_pixels_are_not_compared(tiles: list[Image]) -> None:
    """Strips at the edge of a slide, of 50x1 pixels, are alike when they are stretched."""
    random = np.random.default_rng(0)
    ramp = np.linspace(90, 200, 50)[:, None, None]
    strips = [
        Pillow.fromarray((ramp + random.normal(0, 2, (50, 3, 3))).clip(0, 255).astype(np.uint8)) for _ in range(5)
    ]
    found = _find([*tiles, *strips])
    assert found.pairs == ()
    assert len(found.blank) == 5
