from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.data.pixels.changing import Changing
from tests.listening import Listener
from zoo.data import Manifest, Sample
from zoo.data.images import pixels, read_image
from zoo.data.pixels.prepare import Prepared, prepare
from zoo.errors import DataError
from zoo.progress import Silent
from zoo.spec import Preprocessing

SIZE = Preprocessing(height=12, width=8)


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    noise = np.random.default_rng(0)
    made = []
    for number in range(30):
        path = tmp_path / f"{number:02d}.png"
        Image.fromarray(noise.integers(0, 256, (20, 30, 3), dtype=np.uint8)).save(path)
        made.append(Sample(path=path, key=path.name, label="a"))
    return Manifest(source="made", name="tiles", classes=("a",), samples=tuple(made))


def _prepared(manifest: Manifest, **how: Any) -> Prepared:
    return prepare(manifest, SIZE, how.pop("progress", Silent()), **how)


def _damage(manifest: Manifest, *numbers: int) -> None:
    for number in numbers:
        path = manifest.samples[number].path
        path.write_bytes(path.read_bytes()[:200])


@pytest.mark.parametrize("store", [True, False])
def test_prepared_pixels_are_the_decoded_images_by_index(manifest: Manifest, store: bool) -> None:
    prepared = _prepared(manifest, store=store)
    order = [7, 0, 29, 7]
    rows = prepared.pixels.read(order)
    assert rows.shape == (4, 12, 8, 3)
    assert rows.dtype == np.uint8
    for row, index in zip(rows, order, strict=True):
        assert (row == pixels(read_image(manifest.samples[index].path), SIZE)).all()
    assert len(prepared.pixels) == 30
    assert prepared.fingerprint == manifest.fingerprint()


@pytest.mark.parametrize("store", [True, False])
def test_too_many_unreadable_images_are_refused_and_listed(manifest: Manifest, store: bool) -> None:
    _damage(manifest, 3, 17)
    with pytest.raises(DataError) as caught:
        _prepared(manifest, store=store)
    text = str(caught.value)
    assert "2 of 30 images cannot be read, more than 1%" in text
    assert "'03.png': cannot be read: " in text
    assert "'17.png': cannot be read: " in text
    assert "--tolerate" in text


@pytest.mark.parametrize("store", [True, False])
def test_a_tolerated_number_of_unreadable_images_is_left_out_and_reported(
    manifest: Manifest, listener: Listener, store: bool
) -> None:
    _damage(manifest, 3, 17)
    prepared = _prepared(manifest, store=store, tolerated=0.1, progress=listener)
    assert set(prepared.unreadable) == {"03.png", "17.png"}
    assert len(prepared.manifest.samples) == len(prepared.pixels) == 28
    sample = prepared.manifest.samples[16]
    assert sample.key == "18.png"
    assert (prepared.pixels.read([16])[0] == pixels(read_image(sample.path), SIZE)).all()
    assert any("2 of 30 images cannot be read and are left out" in line for line in listener.heard)


def test_images_in_the_store_are_not_decoded_again(manifest: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _prepared(manifest).pixels.read(range(30))
    monkeypatch.setattr("zoo.data.pixels.hashed_images.read_image", lambda path: pytest.fail("decoded again"))
    assert (_prepared(manifest).pixels.read(range(30)) == before).all()


def test_each_image_size_has_its_own_store(manifest: Manifest) -> None:
    _prepared(manifest)
    other = prepare(manifest, Preprocessing(height=5, width=6), Silent())
    assert other.pixels.read([0]).shape == (1, 5, 6, 3)


def test_each_way_to_resize_an_image_has_its_own_store(manifest: Manifest) -> None:
    for way in (
        SIZE,
        replace(SIZE, fit="crop"),
        replace(SIZE, fit="crop", crop_pct=0.5),
        replace(SIZE, interpolation="bicubic"),
    ):
        (row,) = prepare(manifest, way, Silent()).pixels.read([0])
        assert (row == pixels(read_image(manifest.samples[0].path), way)).all()


def test_an_image_that_has_changed_is_decoded_again(manifest: Manifest) -> None:
    _prepared(manifest)
    Image.new("RGB", (30, 20), "white").save(manifest.samples[4].path)
    assert (_prepared(manifest).pixels.read([4]) == 255).all()


def test_without_a_store_an_image_that_has_changed_since_it_was_checked_is_named(manifest: Manifest) -> None:
    prepared = _prepared(manifest, store=False)
    before = prepared.pixels.read(range(30))
    Image.new("RGB", (30, 20), "white").save(manifest.samples[4].path)
    manifest.samples[5].path.unlink()
    for index in (4, 5):
        with pytest.raises(DataError, match=rf"0{index}\.png: (has changed|cannot be read: No such file)"):
            prepared.pixels.read([3, index])
    assert (prepared.pixels.read([3, 6]) == before[[3, 6]]).all()


def test_without_a_store_an_image_that_changes_before_it_is_checked_is_named(manifest: Manifest) -> None:
    path = manifest.samples[4].path
    change = Changing("checking images", lambda: Image.new("RGB", (30, 20), "white").save(path))
    with pytest.raises(DataError, match=r"04\.png: has changed since it was first read"):
        _prepared(manifest, store=False, progress=change)


def test_without_a_store_an_image_that_was_only_touched_has_not_changed(manifest: Manifest) -> None:
    prepared = _prepared(manifest, store=False)
    before = prepared.pixels.read(range(30))
    for sample in manifest.samples:
        sample.path.touch()
        sample.path.chmod(0o600)
    assert (prepared.pixels.read(range(30)) == before).all()


def test_a_damaged_store_is_reported_and_repaired(manifest: Manifest, listener: Listener, tmp_path: Path) -> None:
    before = _prepared(manifest).pixels.read(range(30))
    (file,) = (tmp_path / "cache" / "stores").glob("*/pixels.bin")
    data = bytearray(file.read_bytes())
    data[1000] ^= 0xFF
    file.write_bytes(data)
    assert (_prepared(manifest, progress=listener).pixels.read(range(30)) == before).all()
    assert any("is damaged" in line for line in listener.heard)


def test_a_full_disk_while_decoding_is_reported_with_what_to_do(
    manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.pwrite", full)
    with pytest.raises(DataError) as caught:
        _prepared(manifest)
    assert "No space left on device" in str(caught.value)
    assert "ZOO_CACHE" in str(caught.value)
    assert "--no-store" in str(caught.value)
