from __future__ import annotations

from pathlib import Path

from PIL import Image

from zoo.data.image_scale import image_scale
from zoo.data.manifest import Sample


def test_the_size_of_an_image_on_its_side_is_that_after_turning_it(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    Image.new("RGB", (30, 20)).save(tmp_path / "turned.jpg", exif=exif)
    scale = image_scale([Sample(path=tmp_path / "turned.jpg", key="turned", label="a", group=None)])
    assert (scale.width, scale.height) == (20, 30)
