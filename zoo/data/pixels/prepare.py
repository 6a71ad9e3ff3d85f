"""From a manifest to decoded images: every file is opened once, and unreadable ones are reported before training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from zoo.config.train_config import TOLERATED
from zoo.data.manifest import Manifest
from zoo.data.pixels.decoded_store import open_store
from zoo.data.pixels.hashed_images import HashedImages
from zoo.data.pixels.stream import Stream
from zoo.errors import DataError
from zoo.progress import Reporter
from zoo.spec import Preprocessing
from zoo.text import cut_short

MAX_LISTED = 12
"""How many unreadable images a message lists."""


class Pixels(Protocol):
    """Images of one size, by index."""

    def __len__(self) -> int:
        """Return the number of images."""

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the images with these indices as N x height x width x 3 of 8-bit values."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A manifest of the readable images, their pixels in the same order, and the images that were left out."""

    manifest: Manifest
    pixels: Pixels
    fingerprint: str
    """The fingerprint of the manifest."""
    file_digests: tuple[bytes | None, ...]
    """The sha256 of each image's file."""
    contents: tuple[bytes, ...]
    """A hash of the pixels of each image at its original size, the same for identical images."""
    unreadable: Mapping[str, str]
    """The reason why an image cannot be read, by its key."""


def prepare(
    manifest: Manifest,
    preprocessing: Preprocessing,
    progress: Reporter,
    *,
    store: bool = True,
    tolerated: float = TOLERATED,
) -> Prepared:
    """Decode every image once, and return the readable ones.

    Args:
        manifest: The images.
        preprocessing: The size of the images.
        progress: Shows the progress, and which images are left out.
        store: Keep decoded images in the cache; otherwise they are decoded again whenever they are read.
        tolerated: The share of images that may be unreadable; with more, a DataError lists them.
    """
    samples = manifest.samples
    images = HashedImages(samples, progress)
    contents = images.contents
    pixels = open_store(images, preprocessing, progress) if store else Stream(images, preprocessing, progress)
    unreadable = {samples[index].key: reason for index, reason in pixels.unreadable.items()}
    check_unreadable(unreadable, manifest, tolerated=tolerated)
    if not unreadable:
        return Prepared(
            manifest=manifest,
            pixels=pixels,
            fingerprint=manifest.fingerprint(contents),
            file_digests=tuple(contents),
            contents=pixels.contents,
            unreadable={},
        )
    progress.say(f"{_problem(unreadable, manifest)} and are left out:\n{_listed(unreadable)}")
    kept = [index for index in range(len(samples)) if index not in pixels.unreadable]
    readable = replace(manifest, samples=tuple(samples[index] for index in kept))
    file_digests = tuple(contents[index] for index in kept)
    return Prepared(
        manifest=readable,
        pixels=_Subset(pixels, np.array(kept)),
        fingerprint=readable.fingerprint(file_digests),
        file_digests=file_digests,
        contents=tuple(pixels.contents[index] for index in kept),
        unreadable=unreadable,
    )


def check_unreadable(unreadable: Mapping[str, str], manifest: Manifest, *, tolerated: float) -> None:
    """Raise a DataError that lists the unreadable images if there are more than the tolerated share."""
    if len(unreadable) > tolerated * len(manifest.samples):
        raise DataError(
            f"{_problem(unreadable, manifest)}, more than {tolerated:.0%}:\n{_listed(unreadable)}",
            where=manifest.name,
            hint="repair or remove them, or allow more with --tolerate; `zoo data inspect` lists them all",
        )


@dataclass(frozen=True)
class _Subset:
    """A part of other images, with new indices."""

    pixels: Pixels
    kept: np.ndarray

    def __len__(self) -> int:
        return len(self.kept)

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        return self.pixels.read(self.kept[np.asarray(indices, dtype=int)])


def _problem(unreadable: Mapping[str, str], manifest: Manifest) -> str:
    """Return how many images cannot be read."""
    return f"{len(unreadable)} of {len(manifest.samples)} images cannot be read"


def _listed(unreadable: Mapping[str, str]) -> str:
    """Return images and the reasons why they cannot be read, one per line."""
    lines = [f"{key!r}: {reason}" for key, reason in unreadable.items()]
    return "  " + cut_short(lines, MAX_LISTED, separator="\n  ")
