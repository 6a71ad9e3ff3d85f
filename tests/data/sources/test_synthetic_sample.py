from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from zoo.data import Manifest
from zoo.data.source_lookup import read_manifest
from zoo.errors import DataError
from zoo.registry import registry
from zoo.synthetic import draw_tile, patients


@pytest.fixture(autouse=True)
def _few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tiles of the first and of the last patient, so that drawing takes no time."""
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(
        "zoo.data.sources.synthetic_sample.patients",
        lambda seed: [replace(patients(seed)[i], tiles=2) for i in (0, -1)],
    )


def _read(**options: int) -> Manifest:
    return read_manifest(registry().source("sample"), options=options)


def _hashes(manifest: Manifest) -> list[str]:
    return [hashlib.sha256(sample.path.read_bytes()).hexdigest() for sample in manifest.samples]


def test_sample_has_the_folders_and_file_names_of_breakhis(tmp_path: Path) -> None:
    manifest = _read()
    first, last = patients(0)[0], patients(0)[-1]
    assert {sample.group for sample in manifest.samples} == {
        first.slide.rstrip("ABCDEFG"),
        last.slide.rstrip("ABCDEFG"),
    }
    assert manifest.counts() == {"benign": 2, "malignant": 2}
    for sample in manifest.samples:
        folders = sample.path.relative_to(tmp_path / "cache").parts
        assert folders[1:4] == ("BreaKHis_v1", "histology_slides", "breast")
        assert folders[4:6] == (sample.label, "SOB")
        assert folders[6] == sample.facts["subtype"]
        assert folders[8] == "40X"
        with Image.open(sample.path) as image:
            assert (image.mode, image.size) == ("RGB", (350, 230))


def test_sample_is_marked_as_synthetic() -> None:
    manifest = _read()
    assert manifest.synthetic
    assert manifest.source == "sample"
    assert "synthetic" in manifest.name


def test_sample_has_the_same_bytes_in_every_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = _hashes(_read())
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "another"))
    assert _hashes(_read()) == here


def test_synthetic_sample_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _hashes(_read())
    monkeypatch.setattr("zoo.data.sources.synthetic_sample.draw_tile", lambda *_, **__: pytest.fail("drawn again"))
    assert _hashes(_read()) == before


def test_another_seed_draws_other_tiles_and_keeps_the_first_ones() -> None:
    first = _read()
    second = _read(seed=1)
    assert set(_hashes(first)).isdisjoint(_hashes(second))


def test_interrupted_drawing_leaves_no_sample_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("zoo.data.sources.synthetic_sample.draw_tile", interrupted)
        with pytest.raises(KeyboardInterrupt):
            _read()
    assert [path for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"] == []
    assert len(_read().samples) == 4


def test_two_readers_at_once_draw_the_sample_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def counted(patient: Any, index: int, **how: Any) -> np.ndarray:
        drawn.append(index)
        return draw_tile(patient, index, **how)

    monkeypatch.setattr("zoo.data.sources.synthetic_sample.draw_tile", counted)
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: _read(), range(2))
    assert _hashes(one) == _hashes(other)
    assert len(drawn) == len(one.samples)


def test_cache_that_cannot_be_written_is_reported_by_the_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(DataError) as caught:
        _read()
    assert str(tmp_path / "file" / "cache") in str(caught.value)
    assert "ZOO_CACHE" in str(caught.value)


def test_full_disk_while_drawing_is_reported_and_leaves_no_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(DataError, match="No space left on device"):
        _read()
    assert [path for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"] == []


def test_sample_read_as_breakhis_is_still_marked_as_synthetic(tmp_path: Path) -> None:
    _read()
    tree = next((tmp_path / "cache").glob("sample-*/BreaKHis_v1"))
    for root in (tree, tree / "histology_slides"):
        read = read_manifest(registry().source("breakhis"), root=root)
        assert read.synthetic
        assert "synthetic" in read.name
