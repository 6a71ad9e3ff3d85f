"""The list of samples, as a source gives it, and a sample: one image of it."""

from __future__ import annotations

import hashlib
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from zoo.data.file_hashes import digests
from zoo.errors import DataError

SYNTHETIC = "SYNTHETIC.txt"
"""A file of this name in a data set's folder, or above it, says that the images were drawn by a program."""
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Sample:
    """One image: where it is, what it shows, whose it is. There may be a hundred thousand, so it is small."""

    key: str
    """Names the sample the same on every machine, wherever the data lie."""
    label: str
    group: str | None
    """The patient, where the source knows it."""
    facts: Mapping[str, str]
    """Whatever else the source knows: magnification, subtype."""
    folder: str
    name: str
    """The path's two parts, cut so that the second is the key itself wherever it can be."""

    def __init__(
        self, *, path: Path, key: str, label: str, group: str | None = None, facts: Mapping[str, str] = NOTHING
    ) -> None:
        place, key = str(path), printable(key)
        if place.endswith(os.sep + key):
            folder, name = place[: -len(key)], key
        else:
            folder, name = str(path.parent), path.name
        set_once = object.__setattr__
        set_once(self, "key", key)
        set_once(self, "label", sys.intern(printable(label)))
        set_once(self, "group", None if group is None else sys.intern(printable(group)))
        set_once(self, "facts", _shared(tuple(facts.items())) if facts else NOTHING)
        set_once(self, "folder", sys.intern(folder))
        set_once(self, "name", name)

    @property
    def path(self) -> Path:
        """Where the image lies."""
        return Path(self.folder, self.name)


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


def printable(text: str) -> str:
    """Text that a table in UTF-8 can hold: what a file's name has beyond that is spelled out."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = os.fsencode(text).decode("utf-8", "backslashreplace")
    return text.replace("\r", "\\r")  # csv writes it without quotes, and reads it as the end of a row


@lru_cache(maxsize=4096)
def _shared(facts: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return MappingProxyType({sys.intern(printable(name)): printable(value) for name, value in facts})
