"""Odd files are read correctly, or listed with path and reason before training begins."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.conftest import Draw
from tests.listening import Listener
from zoo.data import Manifest
from zoo.data.images import MAX_PIXELS, read_image
from zoo.data.pixels.prepare import prepare
from zoo.data.source_lookup import find_source, read_manifest
from zoo.data.split.split import make_split
from zoo.data.split.split_file import read_split_file, write_split
from zoo.errors import DataError, ZooError
from zoo.progress import Silent
from zoo.registry import registry
from zoo.spec import Preprocessing

SIZE = Preprocessing(height=8, width=8)
ODD_NAMES = [
    "with space.png",
    'it\'s "quoted".png',
    "new\nline.png",
    "carriage\rreturn.png",
    "乳腺癌.png",
    "ورم.png",
    "turned\u202egnp.png",
    "comma,semicolon;tab\t.png",
    "100%.png",
    "-rf.png",
    "émigré.png",
    "~.png",
    "$HOME.png",
    "UPPER.PNG",
]


def _folder(root: Path) -> Manifest:
    return read_manifest(registry().source("folder"), root=root)


def test_images_with_odd_names_are_read_and_found_in_a_written_split(tmp_path: Path, draw: Draw) -> None:
    names = [*ODD_NAMES, os.fsdecode(b"caf\xe9.png")]
    draw(tmp_path / "odd", [f"{label}/{name}" for label in ("良性 a", os.fsdecode(b"\xff")) for name in names])
    manifest = _folder(tmp_path / "odd")
    assert len(manifest.samples) == 2 * len(names)
    assert set(manifest.classes) == {"\\xff", "良性 a"}
    found = prepare(manifest, SIZE, Silent())
    assert not found.unreadable
    assert len(np.unique(found.pixels.read(range(len(manifest.samples))), axis=0)) == len(names)
    split = make_split(manifest, unit="image", fractions=(0.6, 0.1, 0.3), seed=0)
    write_split(tmp_path / "split.csv", manifest, split)
    again = read_split_file(tmp_path / "split.csv", manifest)
    assert (again.train, again.val, again.test) == (split.train, split.val, split.test)


def test_inspect_prints_odd_names_as_utf8(tmp_path: Path, draw: Draw) -> None:
    root = tmp_path / os.fsdecode(b"r\xf6ntgen")
    for label in ("a", "b"):
        draw(root / label, [*ODD_NAMES, os.fsdecode(b"caf\xe9.png")])
        for path in (root / label).iterdir():
            path.write_bytes(b"")
    done = subprocess.run(
        [sys.executable, "-m", "zoo", "data", "inspect", root], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "unreadable: 30" in done.stdout.decode()
    assert "\u202e" not in done.stdout.decode()
    done = subprocess.run(
        [sys.executable, "-m", "zoo", "data", "inspect", root, "--json"], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "caf\\\\xe9.png" in done.stdout.decode()


def _png(mode: str, color: object) -> Image.Image:
    return Image.new(mode, (12, 10), color)  # type: ignore[arg-type]


def test_images_of_odd_formats_modes_and_sizes_are_read(tmp_path: Path) -> None:
    root = tmp_path / "odd" / "a"
    root.mkdir(parents=True)
    pink = (200, 100, 150)
    rgb = _png("RGB", pink)
    rgb.save(root / "wrong extension.jpg", format="PNG")
    rgb.quantize(4).save(root / "palette.png")
    rgb.convert("RGBA").save(root / "alpha.png")
    Image.fromarray(np.full((10, 12), 180 * 257, np.uint16)).save(root / "sixteen.png")
    rgb.convert("L").save(root / "gray.png")
    rgb.convert("CMYK").save(root / "cmyk.tif")
    rgb.convert("CMYK").save(root / "cmyk.jpg", quality=95)
    rgb.save(root / "moving.gif", save_all=True, append_images=[_png("RGB", "black")])
    rgb.save(root / "moving.webp", save_all=True, append_images=[_png("RGB", "black")], lossless=True)
    rgb.save(root / "moving.png", save_all=True, append_images=[_png("RGB", "black")])
    rgb.save(root / "stack.tif", save_all=True, append_images=[_png("RGB", "black")])
    Image.new("RGB", (1, 40), pink).save(root / "thin.png")
    Image.new("RGB", (40, 1), pink).save(root / "flat.png")
    Image.new("RGB", (1, 1), pink).save(root / "dot.png")
    Image.new("RGB", (20_000, 30), pink).save(root / "long.png")
    Image.new("RGB", (20_000, 4_000), pink).save(root / "large.png")
    draw_other = tmp_path / "odd" / "b"
    draw_other.mkdir()
    rgb.save(draw_other / "1.png")
    manifest = _folder(tmp_path / "odd")
    found = prepare(manifest, SIZE, Silent())
    assert not found.unreadable
    shown = dict(zip((sample.key for sample in manifest.samples), found.pixels.read(range(17)), strict=True))
    assert len(shown) == 17
    for key, image in shown.items():
        wanted = {"a/sixteen.png": (180,) * 3, "a/gray.png": (136,) * 3}.get(key, pink)
        assert np.abs(image.astype(int) - wanted).max() <= 4, key


def test_image_is_rotated_as_exif_states(tmp_path: Path) -> None:
    picture = Image.new("RGB", (20, 10), "white")
    picture.paste("black", (0, 0, 20, 5))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "side.jpg", exif=exif, quality=95)
    turned = np.asarray(read_image(tmp_path / "side.jpg"))
    assert turned.shape == (20, 10, 3)
    assert turned[:, 8:].max() < 30
    assert turned[:, :2].min() > 225


BAD = {
    "zero.png": b"",
    "text.png": b"no picture",
    "svg.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
}


def test_prepare_stops_and_lists_every_unreadable_image_with_the_reason(tmp_path: Path, draw: Draw) -> None:
    root = tmp_path / "odd"
    draw(root, [f"{label}/{number}.png" for label in "ab" for number in range(5)])
    for name, content in BAD.items():
        (root / "a" / name).write_bytes(content)
    whole = (root / "a" / "0.png").read_bytes()
    (root / "a" / "truncated.png").write_bytes(whole[: len(whole) // 2])
    (root / "a" / "loop.png").symlink_to("loop.png")
    (root / "a" / "broken.png").symlink_to("nowhere.png")
    (root / "a" / "io.png").symlink_to("/proc/self/mem")  # opens, and cannot be read
    os.mkfifo(root / "a" / "pipe.png")
    Image.fromarray(np.zeros((4, 4), np.float32)).save(root / "a" / "float.tif")
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(root / "a" / "sixteen.tif")
    Image.new("1", (20_000, 20_000)).save(root / "a" / "bomb.png")
    reasons = {
        "zero.png": "is not an image of a known format",
        "text.png": "is not an image of a known format",
        "svg.png": "is not an image of a known format",
        "truncated.png": "cannot be read: ",
        "loop.png": "cannot be read: Too many levels of symbolic links",
        "broken.png": "cannot be read: No such file or directory",
        "io.png": "cannot be read: Input/output error",
        "pipe.png": "is a pipe or a device, not a file",
        "float.tif": "has more than 8 bits per channel",
        "sixteen.tif": "has more than 8 bits per channel",
        "bomb.png": "",
    }
    for store in (True, False):
        with pytest.raises(DataError) as caught:
            prepare(_folder(root), SIZE, Silent(), store=store)
        text = str(caught.value)
        assert f"{len(reasons)} of {10 + len(reasons)} images cannot be read, more than 1%" in text
        for name, reason in reasons.items():
            assert f"'a/{name}': {reason}" in text
        assert "bomb" in text.partition("'a/bomb.png': ")[2].partition("\n")[0]
        assert "--tolerate" in text


def test_decompression_bomb_is_refused_before_it_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("1", (MAX_PIXELS // 1000 + 1, 1000)).save(tmp_path / "bomb.png")
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda _: pytest.fail("it was decoded"))
    with pytest.raises(DataError, match=r"bomb|too many"):
        read_image(tmp_path / "bomb.png")


def test_prepare_leaves_out_one_unreadable_image_in_a_hundred_and_stops_at_more(
    tmp_path: Path, draw: Draw, listener: Listener
) -> None:
    paths = draw(tmp_path / "most", [f"{label}/{number}.png" for label in "ab" for number in range(50)])
    paths[3].write_bytes(b"")
    found = prepare(_folder(tmp_path / "most"), SIZE, listener)
    assert dict(found.unreadable) == {"a/3.png": "is not an image of a known format"}
    assert len(found.pixels) == len(found.manifest.samples) == 99
    assert listener.heard == [
        "1 of 100 images cannot be read and are left out:\n  'a/3.png': is not an image of a known format"
    ]
    paths[4].write_bytes(b"")
    with pytest.raises(DataError, match="2 of 100 images cannot be read, more than 1%"):
        prepare(_folder(tmp_path / "most"), SIZE, listener)
    assert len(prepare(_folder(tmp_path / "most"), SIZE, listener, tolerated=0.02).unreadable) == 2
    with pytest.raises(DataError, match="more than 0%"):
        prepare(_folder(tmp_path / "most"), SIZE, listener, tolerated=0)


def test_long_list_of_unreadable_images_is_cut_short(tmp_path: Path, draw: Draw) -> None:
    for path in draw(tmp_path / "bad", [f"{label}/{number}.png" for label in "ab" for number in range(50)]):
        path.write_bytes(b"")
    with pytest.raises(DataError) as caught:
        prepare(_folder(tmp_path / "bad"), SIZE, Silent(), tolerated=0.5)
    assert str(caught.value).count("\n  'a/") == 8
    assert "and 92 more" in str(caught.value)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become nobody")
def test_inspect_reports_files_and_folders_without_read_permission(draw: Draw) -> None:
    script = (
        "import contextlib, io, os, sys; from zoo.cli import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    main(['data', 'inspect', sys.argv[1]])  # nobody may not read Python's own modules either\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "main(['data', 'inspect', sys.argv[1]])"
    )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        paths = draw(root, [f"{label}/{number}.png" for label in "ab" for number in range(5)])
        paths[2].chmod(0)
        words = [sys.executable, "-c", script, folder]
        environment = {**os.environ, "ZOO_CACHE": "/proc/nowhere"}
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, env=environment)
        assert done.returncode == 0, done.stderr
        assert "'a/2.png': cannot be read: Permission denied" in done.stdout
        (root / "b").chmod(0)
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, env=environment)
        assert done.returncode == 1
        assert f"{root}/b: cannot be read: Permission denied" in done.stderr
        assert "Traceback" not in done.stderr


def test_circular_links_end_and_add_no_images_from_outside(tmp_path: Path, draw: Draw) -> None:
    """A link in class a to the root must not add the images of class b to class a."""
    root = tmp_path / "round"
    draw(root, ["a/1.png", "a/deep/2.png", "b/1.png"])
    (root / "a" / "up").symlink_to("..")
    (root / "a" / "deep" / "self").symlink_to(".")
    (root / "b" / "far").symlink_to(tmp_path.resolve())
    (root / "b" / "a loop").symlink_to("a loop")
    keys = [(sample.key, sample.label) for sample in _folder(root).samples]
    assert keys == [("a/1.png", "a"), ("a/deep/2.png", "a"), ("b/1.png", "b")]


def test_link_to_a_folder_of_images_is_followed(tmp_path: Path, draw: Draw) -> None:
    draw(tmp_path, ["elsewhere/1.png", "root/b/1.png"])
    (tmp_path / "root" / "a").symlink_to(tmp_path / "elsewhere")
    assert [sample.key for sample in _folder(tmp_path / "root").samples] == ["a/1.png", "b/1.png"]


@pytest.mark.parametrize("path", ["/nowhere/at/all", "./nowhere", "a\0b", "x" * 300, "x/" * 3000])
def test_path_that_does_not_exist_is_reported(path: str) -> None:
    with pytest.raises(ZooError, match=r"there is no such folder or file|unknown data source"):
        find_source(path, None, registry().plugins.sources)
