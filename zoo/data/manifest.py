"""The manifest of a data set: its samples, each an image with label and patient, and its classes."""

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
"""A file of this name in the folder of a data set, or in one above it, marks its images as synthetic."""
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Sample:
    """One image with its path, label and patient. It is small, as there may be a hundred thousand."""

    key: str
    """A name that is the same on every machine, wherever the data are."""
    label: str
    group: str | None
    """The patient, if the source knows it."""
    facts: Mapping[str, str]
    """Whatever else the source knows, such as magnification or subtype."""
    folder: str
    name: str
    """The path in two parts, of which the second is the key where possible, so that it is stored once."""

    def __init__(
        self, *, path: Path, key: str, label: str, group: str | None = None, facts: Mapping[str, str] = NOTHING
    ) -> None:
        place, key = str(path), printable(key)
        if place.endswith(os.sep + key):
            folder, name = place[: -len(key)], key
        else:
            folder, name = str(path.parent), path.name
        set_field = object.__setattr__
        set_field(self, "key", key)
        set_field(self, "label", sys.intern(printable(label)))
        set_field(self, "group", None if group is None else sys.intern(printable(group)))
        set_field(self, "facts", _interned(tuple(facts.items())) if facts else NOTHING)
        set_field(self, "folder", sys.intern(folder))
        set_field(self, "name", name)

    @property
    def path(self) -> Path:
        """The path of the image file."""
        return Path(self.folder, self.name)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All samples of a data set, sorted by key."""

    source: str
    name: str
    """The name for people, such as "BreakHis 40X"."""
    classes: tuple[str, ...]
    samples: tuple[Sample, ...]
    synthetic: bool = False

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.samples, key=lambda sample: sample.key))
        object.__setattr__(self, "samples", ordered)
        object.__setattr__(self, "name", printable(self.name))
        object.__setattr__(self, "classes", tuple(printable(name) for name in self.classes))
        if not ordered:
            raise DataError("no image was found", where=self.name)
        doubled = sorted({one.key for one, next_one in pairwise(ordered) if one.key == next_one.key})
        if doubled:
            raise DataError(
                f"{len(doubled)} keys are used for more than one image, such as {doubled[0]!r}", where=self.name
            )
        known = set(self.classes)
        if strange := next((sample for sample in ordered if sample.label not in known), None):
            raise DataError(
                f"the image {strange.key!r} has the label {strange.label!r}, which is none of the classes "
                f"{', '.join(self.classes)}",
                where=self.name,
            )

    @property
    def labels(self) -> list[int]:
        """The class of each sample as an index into `classes`."""
        number = {name: index for index, name in enumerate(self.classes)}
        return [number[sample.label] for sample in self.samples]

    @property
    def groups(self) -> list[str] | None:
        """The patient of each sample; None unless every sample has one."""
        found = [sample.group for sample in self.samples if sample.group is not None]
        return found if len(found) == len(self.samples) else None

    def counts(self) -> dict[str, int]:
        """Return the number of images of each class, in the order of `classes`."""
        found = Counter(sample.label for sample in self.samples)
        return {name: found[name] for name in self.classes}

    def fingerprint(self, contents: Sequence[bytes | None] | None = None) -> str:
        """Return a hash of every sample's key, label, patient and content; `contents` are the digests if known."""
        if contents is None:
            contents = digests(len(self.samples), lambda index: self.samples[index].path)
        digest = hashlib.sha256()
        for sample, content in zip(self.samples, contents, strict=True):
            row = (sample.key, sample.label, sample.group or "", content.hex() if content else "unreadable")
            digest.update("\0".join(row).encode() + b"\n")
        return digest.hexdigest()


def printable(text: str) -> str:
    """Return text that a table in UTF-8 can hold; other bytes of a file name are escaped."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = os.fsencode(text).decode("utf-8", "backslashreplace")
    return text.replace("\r", "\\r")  # csv writes it unquoted, and reads it as the end of a row


@lru_cache(maxsize=4096)
def _interned(facts: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return MappingProxyType({sys.intern(printable(name)): printable(value) for name, value in facts})
