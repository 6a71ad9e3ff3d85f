from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.data import Sample
from zoo.data.images import pixels, read_image
from zoo.data.loading import load_pixels
from zoo.errors import DataError
from zoo.progress import Silent
from zoo.spec import Preprocessing

SIZE = Preprocessing(height=12, width=8)


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    noise = np.random.default_rng(0)
    made = []
    for number in range(30):
        path = tmp_path / f"{number}.png"
        Image.fromarray(noise.integers(0, 256, (20, 30, 3), dtype=np.uint8)).save(path)
        made.append(Sample(path=path, key=path.name, label="a"))
    return made


def test_every_image_lies_in_its_own_row(samples: list[Sample]) -> None:
    store = load_pixels(samples, SIZE, Silent())
    assert store.shape == (30, 12, 8, 3)
    assert store.dtype == np.uint8
    for row, sample in zip(store, samples, strict=True):
        assert (row == pixels(read_image(sample.path), SIZE)).all()


def test_a_damaged_image_among_good_ones_is_named(samples: list[Sample]) -> None:
    samples[17].path.write_bytes(samples[17].path.read_bytes()[:200])
    with pytest.raises(DataError, match=r"/17\.png: cannot be read"):
        load_pixels(samples, SIZE, Silent())
