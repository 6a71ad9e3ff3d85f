from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.data.pixels.changing import Changing
from tests.listening import Listener
from zoo.data import Manifest, Sample
from zoo.data.cache import stores_folder
from zoo.data.images import pixels, read_image
from zoo.data.pixels.decoded_store_files import ABOUT, CHECKSUMS, PIXELS
from zoo.data.pixels.prepare import Prepared, prepare
from zoo.errors import DataError
from zoo.progress import Silent
from zoo.spec import Preprocessing

SIZE = Preprocessing(height=6, width=5)

SCRIPT = r"""
import os, sys, time
from pathlib import Path
import zoo.data.pixels.hashed_images as hashed_images
from zoo.data import Manifest, Sample
from zoo.data.pixels.prepare import prepare
from zoo.spec import Preprocessing
from zoo.progress.log_lines import LogReporter

right = hashed_images.read_image
def slow(path):
    time.sleep(float(sys.argv[2]))
    os.write(1, b"decoded\n")
    return right(path)
hashed_images.read_image = slow
paths = sorted(Path(sys.argv[1]).iterdir())
samples = tuple(Sample(path=path, key=path.name, label="a") for path in paths)
manifest = Manifest(source="made", name="made", classes=("a", "b"), samples=samples)
found = prepare(manifest, Preprocessing(height=6, width=5), LogReporter())
print("sum", int(found.pixels.read(range(len(samples))).astype(int).sum()), flush=True)
"""


def _prepared(manifest: Manifest, progress: Silent | None = None, **how: object) -> Prepared:
    return prepare(manifest, SIZE, progress or Silent(), **how)  # type: ignore[arg-type]


def _right(manifest: Manifest) -> np.ndarray:
    return np.stack([pixels(read_image(sample.path), SIZE) for sample in manifest.samples])


def _folder() -> Path:
    (folder,) = (path for path in stores_folder().iterdir() if path.is_dir())
    return folder


def _in_another_process(manifest: Manifest, seconds: float) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", SCRIPT, str(manifest.samples[0].path.parent), str(seconds)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_existing_store_is_read_without_decoding(few: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    _prepared(few)
    monkeypatch.setattr("zoo.data.pixels.hashed_images.read_image", lambda path: pytest.fail("decoded again"))
    found = _prepared(few)
    order = np.random.default_rng(0).permutation(len(few.samples))
    assert (found.pixels.read(order) == _right(few)[order]).all()
    assert found.pixels.read([]).shape == (0, 6, 5, 3)


def test_store_does_not_depend_on_labels_patients_or_folder(few: Manifest, tmp_path: Path) -> None:
    _prepared(few)
    shutil.copytree(few.samples[0].path.parent, tmp_path / "moved")
    moved = tuple(
        type(sample)(path=tmp_path / "moved" / sample.key, key=sample.key, label="a") for sample in few.samples
    )
    _prepared(Manifest(source="made", name="made", classes=("a",), samples=moved))
    assert _folder().is_dir()


def test_stream_gives_the_same_pixels_and_leaves_no_store(few: Manifest) -> None:
    few.samples[7].path.write_bytes(b"")
    stream = _prepared(few, store=False, tolerated=0.1)
    assert not stores_folder().exists()
    store = _prepared(few, tolerated=0.1)
    order = [5, 0, 38, 5]
    assert (stream.pixels.read(order) == store.pixels.read(order)).all()
    assert stream.unreadable == store.unreadable
    assert stream.fingerprint == store.fingerprint
    assert stream.pixels.read([]).shape == (0, 6, 5, 3)


def test_two_processes_build_a_store_once(few: Manifest) -> None:
    both = [_in_another_process(few, 0.05) for _ in range(2)]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum(out.count("decoded") for out, _ in said) == len(few.samples)
    assert {out.splitlines()[-1] for out, _ in said} == {f"sum {int(_right(few).astype(int).sum())}"}
    assert sum("another process is decoding the same images" in err for _, err in said) == 1


def test_store_of_a_killed_process_is_built_by_the_next(few: Manifest, listener: Listener) -> None:
    process = _in_another_process(few, 0.2)
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline() == "decoded\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    assert [path.name for path in stores_folder().iterdir() if path.is_dir()][0].endswith(".part")  # noqa: RUF015
    assert (_prepared(few, listener).pixels.read(range(40)) == _right(few)).all()
    assert not _folder().name.startswith(".")
    assert listener.heard == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte, where this may be made."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", place], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


def test_full_disk_leaves_no_store_and_suggests_what_to_do(
    few: Manifest, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_CACHE", str(small_disk))
    large = Preprocessing(height=200, width=200)
    with pytest.raises(DataError) as caught:
        prepare(few, large, Silent())
    assert "(4.8 MB) cannot be written: No space left on device" in str(caught.value)
    assert "--no-store" in str(caught.value)
    assert not [path for path in (small_disk / "stores").iterdir() if path.is_dir()]
    assert prepare(few, large, Silent(), store=False).pixels.read([0]).shape == (1, 200, 200, 3)


@pytest.mark.parametrize("broken", ["pwrite", "posix_fallocate", "fsync"])
def test_full_disk_at_any_step_of_building_a_store_is_reported(
    few: Manifest, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, full)
        with pytest.raises(DataError, match="cannot be written: No space left on device"):
            _prepared(few)
    assert not [path for path in stores_folder().iterdir() if path.is_dir()]
    assert (_prepared(few).pixels.read([3]) == _right(few)[3]).all()


def test_cache_that_cannot_be_created_is_reported(
    few: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(DataError, match="cannot be written: Not a directory"):
        _prepared(few)
    assert (_prepared(few, store=False).pixels.read([3]) == _right(few)[3]).all()


def test_file_system_that_cannot_reserve_space_is_supported(few: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "posix_fallocate", cannot)
    assert (_prepared(few).pixels.read([3]) == _right(few)[3]).all()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-9] ^= 0x10
    path.write_bytes(data)


@pytest.mark.parametrize("name", [PIXELS, CHECKSUMS, ABOUT])
@pytest.mark.parametrize("damage", [_cut, _flip, Path.unlink])
def test_damaged_store_is_reported_and_built_again(
    few: Manifest, listener: Listener, name: str, damage: object
) -> None:
    few.samples[7].path.write_bytes(b"")
    whole = _prepared(few, tolerated=0.1)
    before = whole.pixels.read(range(39))
    damage(_folder() / name)  # type: ignore[operator]
    again = _prepared(few, listener, tolerated=0.1)
    assert (again.pixels.read(range(39)) == before).all()
    assert again.unreadable == whole.unreadable
    assert any("damaged" in text for text in listener.heard)
    third = Listener()
    assert (_prepared(few, third, tolerated=0.1).pixels.read(range(39)) == before).all()
    assert not any("damaged" in text for text in third.heard)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"sha256": 3}', "\xff"])
def test_invalid_about_file_counts_as_damage(few: Manifest, listener: Listener, text: str) -> None:
    _prepared(few)
    (_folder() / ABOUT).write_bytes(text.encode("latin-1"))
    assert (_prepared(few, listener).pixels.read([0]) == _right(few)[0]).all()
    assert "is damaged" in listener.heard[0]


def test_many_damaged_rows_are_reported_once(few: Manifest, listener: Listener) -> None:
    _prepared(few)
    file = _folder() / PIXELS
    file.write_bytes(bytes(file.stat().st_size))
    assert (_prepared(few, listener).pixels.read(range(40)) == _right(few)).all()
    assert len(listener.heard) == 1


def test_image_that_has_changed_cannot_repair_its_row(few: Manifest) -> None:
    found = _prepared(few)
    (_folder() / PIXELS).write_bytes(bytes((_folder() / PIXELS).stat().st_size))
    Image.new("RGB", (9, 9), "red").save(few.samples[4].path)
    with pytest.raises(DataError, match=r"04\.png: has changed since training started"):
        found.pixels.read([4])


def test_store_can_be_read_after_it_was_cleared(few: Manifest) -> None:
    found = _prepared(few)
    shutil.rmtree(stores_folder())
    assert (found.pixels.read(range(40)) == _right(few)).all()


def test_a_store_of_eight_thousand_images_opens_in_a_fraction_of_the_time_it_takes_to_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    """A sixth on an idle machine; `benchmarks/data.py` measures the seconds."""
    from zoo.data.source_lookup import read_manifest
    from zoo.registry import registry

    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    for number in range(8000):
        if number < 2:
            (tmp_path / "tiles" / "ab"[number]).mkdir(parents=True)
            Image.new("RGB", (4, 4), "pink").save(tmp_path / "tile.bmp")
            content = (tmp_path / "tile.bmp").read_bytes()
        (tmp_path / "tiles" / "ab"[number % 2] / f"{number}.bmp").write_bytes(content[:-6] + number.to_bytes(6, "big"))
    source = registry().source("folder")
    time.sleep(0.1)
    spent = []
    for _ in range(3):
        began = time.perf_counter()
        manifest = read_manifest(source, root=tmp_path / "tiles")
        assert len(prepare(manifest, SIZE, listener).pixels) == 8000
        spent.append(time.perf_counter() - began)
    assert min(spent[1:]) < 0.5 * spent[0]


def test_why_a_file_cannot_be_read_is_not_remembered_for_other_data(tmp_path: Path) -> None:
    reasons = []
    for name in ("pipe", "missing"):
        folder = tmp_path / name
        folder.mkdir()
        Image.new("RGB", (8, 8), "red").save(folder / "a.png")
        if name == "pipe":
            os.mkfifo(folder / "b.png")
        samples = tuple(Sample(path=folder / file, key=file, label="x") for file in ("a.png", "b.png"))
        manifest = Manifest(source="made", name=name, classes=("x", "y"), samples=samples)
        reasons.append(_prepared(manifest, tolerated=0.5).unreadable["b.png"])
    assert reasons == ["is a pipe or a device, not a file", "cannot be read: No such file or directory"]


def test_image_that_changes_before_it_is_decoded_is_named_and_gives_no_store(few: Manifest) -> None:
    path = few.samples[3].path
    original, right = path.read_bytes(), _right(few)
    change = Changing("decoding images", lambda: Image.new("RGB", (10, 8), "red").save(path))
    with pytest.raises(DataError, match=r"03\.png: has changed since it was first read"):
        _prepared(few, change)
    assert not [folder for folder in stores_folder().iterdir() if folder.is_dir()]
    path.write_bytes(original)
    assert (_prepared(few).pixels.read(range(40)) == right).all()


def test_image_that_becomes_unreadable_before_it_is_decoded_is_not_remembered_as_such(few: Manifest) -> None:
    path = few.samples[3].path
    original = path.read_bytes()
    with pytest.raises(DataError, match=r"03\.png: has changed"):
        _prepared(few, Changing("decoding images", lambda: path.write_bytes(b"half an image")), tolerated=0.1)
    path.write_bytes(original)
    assert not _prepared(few).unreadable


def test_image_that_is_replaced_only_while_it_is_decoded_is_decoded_again(
    few: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = few.samples[3].path
    original, right, changes = path.read_bytes(), _right(few), []

    def replaced(asked: Path) -> Image.Image:
        if asked != path or changes:
            return read_image(asked)
        changes.append(asked)
        Image.new("RGB", (10, 8), "red").save(path)
        image = read_image(path)
        path.write_bytes(original)
        return image

    monkeypatch.setattr("zoo.data.pixels.hashed_images.read_image", replaced)
    assert (_prepared(few).pixels.read(range(40)) == right).all()
    assert changes


def test_image_that_was_missing_while_it_was_decoded_is_read_by_the_next_call(
    few: Manifest, listener: Listener
) -> None:
    path = few.samples[3].path
    right = _right(few)
    hide = Changing("decoding images", lambda: path.rename(path.with_suffix(".away")))
    first = _prepared(few, hide, tolerated=0.1)
    assert first.unreadable == {"03.png": "cannot be read: No such file or directory"}
    path.with_suffix(".away").rename(path)
    second = _prepared(few, listener)
    assert not second.unreadable
    assert (second.pixels.read(range(40)) == right).all()
    assert (first.pixels.read(range(39)) == np.delete(right, 3, axis=0)).all()
    assert listener.heard == [
        f"the store {_folder().name} lacks images that could not be read, and now can be: building it again"
    ]
    third = Listener()
    assert _prepared(few, third).contents == second.contents
    assert third.heard == []


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EMFILE])
def test_error_of_the_operating_system_is_not_remembered(
    few: Manifest, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    bad, opened = few.samples[3].path, Path.open

    def failing(path: Path, *args: Any, **how: Any) -> Any:
        if path == bad:
            raise OSError(number, os.strerror(number))
        return opened(path, *args, **how)

    with monkeypatch.context() as patch:
        fails = Changing("decoding images", lambda: patch.setattr(Path, "open", failing))
        assert _prepared(few, fails, tolerated=0.1).unreadable == {"03.png": f"cannot be read: {os.strerror(number)}"}
    assert (_prepared(few).pixels.read(range(40)) == _right(few)).all()


def test_store_is_used_as_long_as_its_missing_images_cannot_be_read(
    few: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, decoded = few.samples[3].path, []

    def failing(path: Path) -> Image.Image:
        decoded.append(path.name)
        if path == bad:
            raise DataError(f"cannot be read: {number}") from OSError(number, "why")
        return read_image(path)

    monkeypatch.setattr("zoo.data.pixels.hashed_images.read_image", failing)
    for number in (errno.EIO, errno.ESTALE):
        decoded.clear()
        found = _prepared(few, tolerated=0.1)
        assert found.unreadable == {"03.png": f"cannot be read: {number}"}
        assert (found.pixels.read(range(39)) == np.delete(_right(few), 3, axis=0)).all()
    assert decoded == ["03.png"]


def test_damaged_image_is_remembered_and_not_decoded_again(few: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    few.samples[3].path.write_bytes(few.samples[3].path.read_bytes()[:100])
    before = _prepared(few, tolerated=0.1).unreadable
    monkeypatch.setattr("zoo.data.pixels.hashed_images.read_image", lambda path: pytest.fail("decoded again"))
    assert _prepared(few, tolerated=0.1).unreadable == before
    assert set(before) == {"03.png"}


def test_image_that_is_only_touched_before_it_is_decoded_has_not_changed(few: Manifest) -> None:
    touched = Changing("decoding images", lambda: [os.utime(sample.path) for sample in few.samples])
    found = _prepared(few, touched)
    assert (found.pixels.read(range(40)) == _right(few)).all()
    assert found.fingerprint == few.fingerprint()
