"""From a manifest to images that can be trained on: every file opened once, the bad ones told beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from zoo.config.train_config import TOLERATED
from zoo.data.file_hashes import digests
from zoo.data.manifest import Manifest
from zoo.data.pixels.decoded_store import open_store
from zoo.data.pixels.stream import Stream
from zoo.errors import DataError, UsageError
from zoo.progress import Reporter
from zoo.spec import Preprocessing
from zoo.text import cut_short

SHOWN = 20


class Pixels(Protocol):
    """Images of one size, by index."""

    def __len__(self) -> int:
        """How many there are."""

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Rows as N x height x width x 3 of 8-bit values."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A manifest of readable images, their pixels in the same order, and what was left out."""

    manifest: Manifest
    pixels: Pixels
    fingerprint: str
    unreadable: Mapping[str, str]
    """Key of an image that could not be read -> why."""


def prepare(
    manifest: Manifest,
    preprocessing: Preprocessing,
    progress: Reporter,
    *,
    store: bool = True,
    tolerated: float = TOLERATED,
) -> Prepared:
    """Decode every image, into the store or only to see that it opens."""
    if not 0 <= tolerated <= 1:
        raise UsageError(f"the share of images that may be unreadable lies from 0 to 1, not {tolerated}")
    samples = manifest.samples
    contents = digests(len(samples), lambda index: samples[index].path, progress=progress)
    found = (
        open_store(samples, contents, preprocessing, progress) if store else Stream(samples, preprocessing, progress)
    )
    bad = {samples[index].key: reason for index, reason in found.unreadable.items()}
    if len(bad) > tolerated * len(samples):
        raise DataError(
            f"{len(bad)} of {len(samples)} images cannot be read, more than {tolerated:.0%}:\n{_listed(bad)}",
            where=manifest.name,
            hint="mend or remove them, or allow more with --tolerate; `zoo data inspect` lists all",
        )
    if not bad:
        return Prepared(manifest=manifest, pixels=found, fingerprint=manifest.fingerprint(contents), unreadable={})
    progress.say(f"{len(bad)} of {len(samples)} images cannot be read and are left out:\n{_listed(bad)}")
    kept = [index for index in range(len(samples)) if index not in found.unreadable]
    readable = replace(manifest, samples=tuple(samples[index] for index in kept))
    return Prepared(
        manifest=readable,
        pixels=_Part(found, np.array(kept)),
        fingerprint=readable.fingerprint([contents[index] for index in kept]),
        unreadable=bad,
    )


@dataclass(frozen=True)
class _Part:
    """Some rows of others, numbered anew."""

    whole: Pixels
    kept: np.ndarray

    def __len__(self) -> int:
        return len(self.kept)

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        return self.whole.read(self.kept[np.asarray(indices, dtype=int)])


def _listed(bad: Mapping[str, str]) -> str:
    return "  " + cut_short([f"{key!r}: {reason}" for key, reason in bad.items()], SHOWN, separator="\n  ")
