"""A data set of eight images in the tree of BreakHis, and archives of it."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable
from functools import cache

import numpy as np
from PIL import Image

from zoo.spec import Archive, Option, Source

COUNTS = {"benign": {"40": 2, "100": 1}, "malignant": {"40": 3, "100": 2}}
SLIDES = {"benign": ("B", "A", "adenosis", "14-22549AB"), "malignant": ("M", "DC", "ductal_carcinoma", "14-2523")}
ROOT = "BreaKHis_v1"


@cache
def images() -> dict[str, bytes]:
    """Every image by its name in the archive; noise, so that it packs as badly as a photograph."""
    noise = np.random.default_rng(0)
    found = {}
    for label, row in COUNTS.items():
        letter, subtype, words, slide = SLIDES[label]
        name = f"SOB_{letter}_{subtype}-{slide}"
        for magnification, count in row.items():
            for number in range(1, count + 1):
                file = io.BytesIO()
                Image.fromarray(noise.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(file, "PNG")
                place = f"{ROOT}/histology_slides/breast/{label}/SOB/{words}/{name}/{magnification}X"
                found[f"{place}/{name}-{magnification}-{number:03d}.png"] = file.getvalue()
    return found


def file(name: str, data: bytes, *, mode: int = 0o644) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), mode
    return info, data


def special(name: str, kind: bytes, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info, b""


def tar(members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def members() -> list[tuple[tarfile.TarInfo, bytes]]:
    """The whole data set."""
    return [file(name, data) for name, data in images().items()]


def archive(*more: tuple[tarfile.TarInfo, bytes], first: Iterable[tuple[tarfile.TarInfo, bytes]] = ()) -> bytes:
    """The data set as a .tar.gz, with more in it if need be."""
    return gzip.compress(tar([*first, *members(), *more]), compresslevel=1, mtime=0)


def source(url: str, *, most_files: int = 100, most_bytes: int = 10_000_000) -> Source:
    """A source like BreakHis, with the counts of the eight images."""
    return Source(
        name="tiny",
        read="zoo.data.sources.breakhis:read",
        summary="for these tests",
        options={"magnification": Option(default="all", help="")},
        archive=Archive(
            url=url, folder=ROOT, by="magnification", images=COUNTS, most_files=most_files, most_bytes=most_bytes
        ),
    )
