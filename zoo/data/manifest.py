"""The list of samples, as a source gives it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from zoo.data.file_hashes import digests
from zoo.data.sample import Sample, printable
from zoo.errors import DataError

__all__ = ["SYNTHETIC", "Manifest", "Sample"]

SYNTHETIC = "SYNTHETIC.txt"
"""A file of this name in a data set's folder, or above it, says that the images were drawn by a program."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All samples of a data set, in the order of their keys."""

    source: str
    name: str
    """The data in a person's words, such as "BreakHis 40X"."""
    classes: tuple[str, ...]
    samples: tuple[Sample, ...]
    synthetic: bool = False

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.samples, key=lambda sample: sample.key))
        object.__setattr__(self, "samples", ordered)
        object.__setattr__(self, "name", printable(self.name))
        object.__setattr__(self, "classes", tuple(printable(name) for name in self.classes))
        if not ordered:
            raise DataError(f"{self.name}: no image was found")
        doubled = sorted({one.key for one, next_one in pairwise(ordered) if one.key == next_one.key})
        if doubled:
            raise DataError(
                f"{len(doubled)} names stand for more than one image, such as {doubled[0]!r}", where=self.name
            )
        known = set(self.classes)
        if strange := next((sample for sample in ordered if sample.label not in known), None):
            raise DataError(
                f"{strange.key!r} is labelled {strange.label!r}, which is none of the classes "
                f"{', '.join(self.classes)}",
                where=self.name,
            )

    @property
    def labels(self) -> list[int]:
        """Each sample's class as a number."""
        number = {name: index for index, name in enumerate(self.classes)}
        return [number[sample.label] for sample in self.samples]

    @property
    def groups(self) -> list[str] | None:
        """Each sample's patient, or None when not every sample has one."""
        found = [sample.group for sample in self.samples if sample.group is not None]
        return found if len(found) == len(self.samples) else None

    def counts(self) -> dict[str, int]:
        """Images by class, in the order of the classes."""
        found = Counter(sample.label for sample in self.samples)
        return {name: found[name] for name in self.classes}

    def fingerprint(self, contents: Sequence[bytes | None] | None = None) -> str:
        """A hash of every sample's name, label, patient and bytes; `contents` are the digests where they are known."""
        if contents is None:
            contents = digests(len(self.samples), lambda index: self.samples[index].path)
        digest = hashlib.sha256()
        for sample, content in zip(self.samples, contents, strict=True):
            row = (sample.key, sample.label, sample.group or "", content.hex() if content else "unreadable")
            digest.update("\0".join(row).encode() + b"\n")
        return digest.hexdigest()
