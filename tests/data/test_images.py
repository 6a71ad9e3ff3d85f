from __future__ import annotations

import errno
import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from zoo.data.images import (
    as_image,
    has_more_pages,
    open_image,
    pixel_digest,
    pixels,
    read_first_page,
    read_image,
    rgb,
    visible_box,
)
from zoo.errors import DataError
from zoo.spec import Preprocessing

COLORS = np.array([[[200, 30, 90], [10, 250, 0]], [[0, 0, 0], [255, 255, 255]], [[70, 80, 90], [1, 2, 3]]], np.uint8)
RGB = Image.fromarray(COLORS)


def _read(image: Image.Image, path: Path, **how: Any) -> np.ndarray:
    image.save(path, **how)
    return np.asarray(read_image(path))


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_rgb_image_is_read_unchanged(tmp_path: Path, suffix: str) -> None:
    assert (_read(RGB, tmp_path / f"tile.{suffix}") == COLORS).all()


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_lossy_formats_are_read(tmp_path: Path, suffix: str) -> None:
    flat = Image.new("RGB", (32, 32), (200, 100, 150))
    found = _read(flat, tmp_path / f"tile.{suffix}", quality=95)
    assert np.abs(found.astype(int) - (200, 100, 150)).max() <= 3


def test_gray_image_gets_three_equal_channels(tmp_path: Path) -> None:
    gray = Image.fromarray(np.array([[0, 100], [200, 255]], np.uint8))
    found = _read(gray, tmp_path / "tile.png")
    assert (found == np.array([[0, 100], [200, 255]])[..., None]).all()


def test_one_bit_image_becomes_black_and_white(tmp_path: Path) -> None:
    found = _read(Image.fromarray(np.array([[True, False]])), tmp_path / "tile.png")
    assert found.tolist() == [[[255, 255, 255], [0, 0, 0]]]


def test_palette_image_is_read_in_its_colors(tmp_path: Path) -> None:
    found = _read(RGB.quantize(6), tmp_path / "tile.png")
    assert np.abs(found.astype(int) - COLORS).max() <= 1


def test_transparent_pixels_become_white(tmp_path: Path) -> None:
    """Empty glass is white; a viewer that cuts tissue out leaves black under what it makes transparent."""
    image = RGB.convert("RGBA")
    image.putpixel((0, 0), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 128))
    found = _read(image, tmp_path / "tile.png")
    assert found[0, 0].tolist() == [255, 255, 255]
    assert found[0, 1].tolist() == pytest.approx([127, 127, 127], abs=1)
    assert (found[1:] == COLORS[1:]).all()


def test_transparent_palette_entry_becomes_white(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1]], np.uint8)).convert("P")
    image.putpalette([10, 20, 30, 200, 100, 50])
    found = _read(image, tmp_path / "tile.png", transparency=bytes([0, 255]))
    assert found.tolist() == [[[255, 255, 255], [200, 100, 50]]]


def test_cmyk_image_is_converted_to_rgb(tmp_path: Path) -> None:
    cmyk = Image.new("CMYK", (2, 2), (0, 255, 0, 0))
    assert _read(cmyk, tmp_path / "tile.tif")[0, 0].tolist() == [255, 0, 255]


def test_sixteen_bit_png_is_scaled_to_eight_bits(tmp_path: Path) -> None:
    found = _read(Image.fromarray(np.array([[0, 255], [256, 65535]], np.uint16)), tmp_path / "tile.png")
    assert found[..., 0].tolist() == [[0, 0], [1, 255]]


def test_transparent_gray_of_a_sixteen_bit_png_becomes_white(tmp_path: Path) -> None:
    gray = Image.fromarray(np.array([[0x1234, 0x1235], [0x3412, 0x1234]], np.uint16))
    assert _read(gray, tmp_path / "tile.png", transparency=0x1234)[..., 1].tolist() == [[255, 0x12], [0x34, 255]]


@pytest.mark.parametrize("opened", [False, True])
def test_transparent_color_of_a_sixteen_bit_png_becomes_white(tmp_path: Path, opened: bool) -> None:
    path = tmp_path / "tile.png"
    path.write_bytes(_deep_png(np.array([[[0x12FF, 0x34FF, 0x56FF], [0xFF12, 0xFF34, 0xFF56]]], np.uint16)))
    with Image.open(path) as image:
        found = np.asarray(as_image(image) if opened else read_image(path))
    assert found.tolist() == [[[255, 255, 255], [0xFF, 0xFF, 0xFF]]]
    path.write_bytes(_deep_png(np.array([[[0, 0x4000, 0], [0x1000, 0x4000, 0x1000]]], np.uint16)))
    with Image.open(path) as image:
        found = np.asarray(as_image(image) if opened else read_image(path))
    assert found.tolist() == [[[255, 255, 255], [0x10, 0x40, 0x10]]]


def _deep_png(values: np.ndarray) -> bytes:
    """Return a PNG file of 16-bit colors, of which the first pixel's is transparent."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    height, width, _ = values.shape
    rows = zlib.compress(b"".join(b"\0" + row.astype(">u2").tobytes() for row in values))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0))
    transparent = chunk(b"tRNS", values[0, 0].astype(">u2").tobytes())
    return b"\x89PNG\r\n\x1a\n" + header + transparent + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float32])
def test_image_with_more_than_eight_bits_and_unknown_range_is_refused(tmp_path: Path, kind: type) -> None:
    path = tmp_path / "tile.tif"
    Image.fromarray(np.full((4, 4), 3000, kind)).save(path)
    with pytest.raises(DataError) as caught:
        read_image(path)
    assert str(caught.value).startswith(f"{path}: has more than 8 bits per channel")
    assert "convert it to 8 bits" in str(caught.value)


@pytest.mark.parametrize(("channels", "photometric"), [(3, 2), (4, 2), (4, 5)])
def test_color_tiff_with_sixteen_bits_is_refused(tmp_path: Path, channels: int, photometric: int) -> None:
    """Pillow drops the lower 8 bits, so that an image of a camera with 12 bits is nearly black."""
    path = tmp_path / "tile.tif"
    path.write_bytes(_tiff(np.full((4, 4, channels), 3000, "<u2"), photometric))
    with pytest.raises(DataError, match="has more than 8 bits per channel"):
        read_image(path)
    with Image.open(path) as image, pytest.raises(DataError, match="has more than 8 bits per channel"):
        as_image(image)


def test_color_tiff_with_eight_bits_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tile.tif"
    path.write_bytes(_tiff(COLORS, 2))
    assert (np.asarray(read_image(path)) == COLORS).all()


def _tiff(values: np.ndarray, photometric: int) -> bytes:
    """Return a TIFF file of one strip, as Pillow cannot write one with 16 bits in color."""
    (height, width, channels), bits = values.shape, 8 * values.itemsize
    pixels, short, long = values.tobytes(), 3, 4
    place = 8 + len(pixels)
    widths = place + 2 + 12 * 9 + 4
    tags = [
        *((256, short, 1, width), (257, short, 1, height), (258, short, channels, widths), (259, short, 1, 1)),
        *((262, short, 1, photometric), (273, long, 1, 8), (277, short, 1, channels), (278, short, 1, height)),
        (279, long, 1, len(pixels)),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    return b"II*\0" + struct.pack("<I", place) + pixels + directory + struct.pack(f"<{channels}H", *[bits] * channels)


class _FailsInLibtiff:
    """A file that Python can read and libtiff cannot, as it reads from a descriptor of its own."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file, self._other = file, os.open(os.devnull, os.O_WRONLY)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def fileno(self) -> int:
        return self._other

    def __enter__(self) -> _FailsInLibtiff:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        os.close(self._other)


@pytest.mark.parametrize("later", [None, errno.EIO])
def test_disk_that_fails_for_a_moment_while_libtiff_reads_is_no_damaged_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: int | None
) -> None:
    path, opened, times = tmp_path / "tile.tif", Path.open, []
    RGB.save(path, compression="tiff_lzw")

    def failing(path: Path, *args: Any, **how: Any) -> Any:
        times.append(path)
        if len(times) > 1 and later:
            raise OSError(later, os.strerror(later))
        file = opened(path, *args, **how)
        return _FailsInLibtiff(file) if len(times) == 1 else file

    monkeypatch.setattr(Path, "open", failing)
    if later is None:
        assert (np.asarray(read_image(path)) == COLORS).all()
        return
    with pytest.raises(DataError, match="cannot be read: Input/output error") as caught:
        read_image(path)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == later, "which is not remembered as the damage of a file"


def _damaged_tiff(folder: Path) -> Path:
    path = folder / "tile.tif"
    Image.effect_noise((64, 64), 50).save(path, compression="tiff_lzw")
    content = bytearray(path.read_bytes())
    content[100:2000] = bytes(1900)
    path.write_bytes(content)
    return path


def test_damaged_compressed_tiff_is_an_error(tmp_path: Path) -> None:
    path = _damaged_tiff(tmp_path)
    with pytest.raises(DataError, match="cannot be read: decoder error") as caught:
        read_image(path)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno is None


def test_image_is_rotated_as_exif_states(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    found = _read(RGB, tmp_path / "tile.png", exif=exif)
    assert (found == np.rot90(COLORS, -1)).all()


def test_file_that_is_no_image_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tile.png"
    path.write_text("not a picture")
    with pytest.raises(DataError) as caught:
        read_image(path)
    assert str(caught.value).splitlines()[0] == f"{path}: is not an image of a known format"


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.9])
def test_truncated_file_is_refused_with_its_path(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"tile.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DataError, match=f"tile.{suffix}: (cannot be read: |is not an image)"):
        read_image(path)


def test_flipped_byte_in_a_png_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "tile.png"
    RGB.save(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"tile\.png: cannot be read"):
        read_image(path)


@pytest.mark.parametrize(("name", "text"), [("nowhere.png", "No such file or directory"), (".", "Is a directory")])
def test_missing_file_is_reported(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(DataError) as caught:
        read_image(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: cannot be read: {text}"


def test_format_that_could_run_a_program_is_not_tried(tmp_path: Path) -> None:
    """Pillow hands PostScript to Ghostscript."""
    path = tmp_path / "tile.png"
    RGB.save(path, format="EPS")
    with pytest.raises(DataError, match="is not an image of a known format"):
        read_image(path)


def test_image_of_absurd_size_is_refused_before_it_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    RGB.resize((40, 40)).save(tmp_path / "tile.png")
    monkeypatch.setattr("zoo.data.images.MAX_PIXELS", 1599)
    with pytest.raises(DataError, match=r"tile\.png: has 40x40 pixels, too many to decode"):
        read_image(tmp_path / "tile.png")


def test_path_pil_image_and_array_give_the_same_image(tmp_path: Path) -> None:
    RGB.save(tmp_path / "tile.png")
    for thing in (tmp_path / "tile.png", str(tmp_path / "tile.png"), RGB, COLORS):
        image = as_image(thing)
        assert image.mode == "RGB"
        assert (np.asarray(image) == COLORS).all()


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 1), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((3, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4, 3), np.uint16),
        None,
        7,
    ],
)
def test_array_of_another_shape_or_type_is_refused(array: Any) -> None:
    with pytest.raises(DataError) as caught:
        as_image(array)
    array = np.asarray(array)
    assert f"not {array.shape} of {array.dtype}" in str(caught.value)


def test_pil_image_is_refused_for_the_same_reasons_as_a_file() -> None:
    with pytest.raises(DataError, match="more than 8 bits"):
        as_image(Image.fromarray(np.zeros((4, 4), np.float32)))


def test_squash_resizes_the_whole_image() -> None:
    image = Image.new("RGB", (40, 20), "white")
    image.paste("black", (0, 0, 20, 20))
    found = pixels(image, Preprocessing(height=30, width=10, fit="squash"))
    assert found.shape == (30, 10, 3)
    assert found.dtype == np.uint8
    assert (found[:, :4] == 0).all()
    assert (found[:, 6:] == 255).all()


@pytest.mark.parametrize("shape", [(90, 30), (30, 90)])
def test_crop_keeps_the_middle_and_its_proportions(shape: tuple[int, int]) -> None:
    image = Image.new("RGB", shape, "white")
    left, top = (shape[0] - 30) // 2, (shape[1] - 30) // 2
    image.paste("black", (left, top, left + 30, top + 30))
    found = pixels(image, Preprocessing(height=15, width=15, fit="crop"))
    assert found.shape == (15, 15, 3)
    assert (found[1:-1, 1:-1] == 0).all()


def test_interpolation_is_that_of_the_preprocessing() -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype=np.uint8))
    for name, how in (("bilinear", Image.Resampling.BILINEAR), ("bicubic", Image.Resampling.BICUBIC)):
        found = pixels(image, Preprocessing(height=20, width=20, interpolation=name))  # type: ignore[arg-type]
        assert (found == np.asarray(image.resize((20, 20), how))).all()


@pytest.mark.parametrize("size", [(199, 190), (1, 183), (163, 1), (47, 101), (90, 70)])
@pytest.mark.parametrize("shape", [(224, 224), (64, 96), (101, 47)])
def test_the_crop_never_leaves_the_image_whatever_its_size(size: tuple[int, int], shape: tuple[int, int]) -> None:
    preprocessing = Preprocessing(height=shape[0], width=shape[1], fit="crop")
    left, top, right, bottom = visible_box(size, preprocessing)
    assert 0 <= left < right <= size[0]
    assert 0 <= top < bottom <= size[1]
    assert (right - left) / (bottom - top) == pytest.approx(shape[1] / shape[0])
    assert pixels(Image.new("RGB", size), preprocessing).shape == (*shape, 3)


def test_an_image_of_one_color_is_identical_to_none_of_another_shape() -> None:
    wide, tall = Image.new("RGB", (6, 4), "pink"), Image.new("RGB", (4, 6), "pink")
    assert pixel_digest(wide) == pixel_digest(wide.copy())
    assert pixel_digest(wide) != pixel_digest(tall)


@pytest.mark.parametrize("kind", ["gif", "tiff", "png", "webp"])
def test_a_second_page_is_found_after_the_first_is_decoded(tmp_path: Path, kind: str) -> None:
    other = Image.new("RGB", RGB.size, "blue")
    RGB.save(tmp_path / f"two.{kind}", save_all=True, append_images=[other])
    RGB.save(tmp_path / f"one.{kind}")
    for name, several in (("one", False), ("two", True)):
        with open_image(tmp_path / f"{name}.{kind}") as image:
            rgb(image)
            assert has_more_pages(image) is several


def test_a_damaged_second_frame_does_not_matter(tmp_path: Path) -> None:
    """Searching it, Pillow raises errors of many kinds."""
    RGB.save(tmp_path / "tile.gif")
    path = tmp_path / "damaged.gif"
    path.write_bytes((tmp_path / "tile.gif").read_bytes()[:-1] + b",")  # the end becomes the beginning of a frame
    with open_image(path) as image:
        assert rgb(image).size == RGB.size
        assert not has_more_pages(image)


def test_of_a_long_stack_only_two_pages_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of a search for all pages grows with the square of their number."""
    small = Image.new("RGB", (4, 4), "pink")
    small.save(tmp_path / "stack.tif", save_all=True, append_images=[small] * 50)
    sought, seek = [], TiffImagePlugin.TiffImageFile._seek
    monkeypatch.setattr(TiffImagePlugin.TiffImageFile, "_seek", lambda *args: (sought.append(args[1]), seek(*args))[1])
    assert read_first_page(tmp_path / "stack.tif")[1]
    assert max(sought) == 1


def test_a_damaged_tiff_is_not_read_into_memory_whatever_its_size(tmp_path: Path) -> None:
    path = _damaged_tiff(tmp_path)
    os.truncate(path, 1 << 41)  # sparse: it takes no space
    with pytest.raises(DataError, match="cannot be read: decoder error"):
        read_image(path)


def test_an_opened_image_that_is_truncated_is_a_data_error(tmp_path: Path) -> None:
    Image.effect_noise((200, 200), 90).save(tmp_path / "tile.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "tile.jpg").read_bytes()[:2000])
    with Image.open(tmp_path / "cut.jpg") as image, pytest.raises(DataError, match="truncated"):
        as_image(image)
