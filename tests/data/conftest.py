"""Small data sets drawn for a test, and the folder of real ones."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.data import Manifest, Sample

Draw = Callable[..., list[Path]]


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real histology images, which are not part of the project."""
    place = os.environ.get("ZOO_TEST_DATA")
    if not place:
        pytest.skip("ZOO_TEST_DATA does not name a folder of real images")
    return Path(place)


@pytest.fixture
def draw() -> Draw:
    """Return a function that writes an image of noise, different for each name, to every given name."""

    def drawn(root: Path, names: Iterable[str], *, size: tuple[int, int] = (10, 8)) -> list[Path]:
        paths = [root / name for name in names]
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            seed = zlib.crc32(os.fsencode(path.name))
            noise = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
            with path.open("wb") as file:
                Image.fromarray(noise).save(file, format="PNG")
        return paths

    return drawn


@pytest.fixture
def few(tmp_path: Path, draw: Draw, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    """Forty images of two classes in a cache of their own."""
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    paths = draw(tmp_path / "few", [f"{number:02d}.png" for number in range(40)])
    samples = tuple(
        Sample(path=path, key=path.name, label="ab"[number % 2], group=f"p{number // 4}")
        for number, path in enumerate(paths)
    )
    return Manifest(source="made", name="made", classes=("a", "b"), samples=samples)
