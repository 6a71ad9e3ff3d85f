from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageFile

from zoo.data.image_scale import image_scale
from zoo.data.manifest import Sample


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_the_size_of_an_image_on_its_side_is_that_after_turning_it(suffix: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    Image.new("RGB", (30, 20)).save(tmp_path / f"turned.{suffix}", exif=exif)
    scale = image_scale([Sample(path=tmp_path / f"turned.{suffix}", key="turned", label="a", group=None)])
    assert (scale.width, scale.height) == (20, 30)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "bmp"])
def test_no_image_is_decoded_for_its_size(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"image.{suffix}"
    Image.new("RGB", (30, 20)).save(path)

    def load(_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    scale = image_scale([Sample(path=path, key="image", label="a", group=None)])
    assert (scale.width, scale.height) == (30, 20)
