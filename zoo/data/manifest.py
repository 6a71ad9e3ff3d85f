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
from zoo.data.patient_names import first_spelling, spellings
from zoo.errors import DataError, PluginError
from zoo.text import cut_short, quoted

SYNTHETIC = "SYNTHETIC.txt"
"""A file of this name in the folder of a data set, or in a folder above it, marks the images as synthetic."""
NO_FACTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Sample:
    """One image with its path, label and patient. It takes little memory, as a data set may have 100,000."""

    key: str
    """The name of the image, such as a relative path, which does not depend on where the data are stored."""
    label: str
    group: str | None
    """The patient; None if it is not known."""
    facts: Mapping[str, str]
    """Other facts about the image, such as magnification or subtype."""
    folder: str
    name: str
    """The end of the path after `folder`: the key itself if possible, so that it is stored once."""

    def __init__(
        self, *, path: Path, key: str, label: str, group: str | None = None, facts: Mapping[str, str] = NO_FACTS
    ) -> None:
        _check_types(path, key, label, group, facts)
        location, key = str(path), printable(key)
        if location.endswith(os.sep + key):
            folder, name = location[: -len(key)], key
        else:
            folder, name = str(path.parent), path.name
        set_field = object.__setattr__
        set_field(self, "key", key)
        set_field(self, "label", sys.intern(printable(label)))
        set_field(self, "group", None if group is None else sys.intern(printable(group)))
        set_field(self, "facts", _interned(tuple(facts.items())) if facts else NO_FACTS)
        set_field(self, "folder", sys.intern(folder))
        set_field(self, "name", name)

    @property
    def path(self) -> Path:
        """The path of the image file."""
        return Path(self.folder, self.name)

    def with_group(self, group: str | None) -> Sample:
        """Return the same image with another patient."""
        return Sample(path=self.path, key=self.key, label=self.label, group=group, facts=self.facts)


def labels_of(samples: Sequence[Sample], classes: Sequence[str]) -> list[int]:
    """Return the class of each sample as an index into `classes`."""
    number = {name: index for index, name in enumerate(classes)}
    return [number[sample.label] for sample in samples]


def groups_of(samples: Sequence[Sample]) -> list[str] | None:
    """Return the patient of each sample; None unless every sample has one."""
    groups = [sample.group for sample in samples if sample.group is not None]
    return groups if len(groups) == len(samples) else None


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All samples of a data set, sorted by key."""

    source: str
    name: str
    """The name of the data set for readers, such as "BreakHis 40X"."""
    classes: tuple[str, ...]
    samples: tuple[Sample, ...]
    synthetic: bool = False
    spellings: tuple[tuple[str, ...], ...] = ()
    """The names of each patient whose name is written in several ways; the first is the group of all the images."""

    def __post_init__(self) -> None:
        for field, value in (("source", self.source), ("name", self.name)):
            if not isinstance(value, str):
                raise PluginError(f"the {field} of a manifest must be text, not {_kind(value)}")
        if not _all_are(self.classes, str):
            raise PluginError(f"the classes of a manifest must be texts, not {_kind(self.classes)}", where=self.name)
        if not _all_are(self.samples, Sample):
            raise PluginError("the samples of a manifest must all be of type zoo.data.Sample", where=self.name)
        ordered = sorted(self.samples, key=lambda sample: sample.key)
        if several := spellings(sample.group for sample in ordered if sample.group is not None):
            first = first_spelling(several)
            ordered = [sample.with_group(first.get(sample.group or "", sample.group)) for sample in ordered]
            object.__setattr__(self, "spellings", (*self.spellings, *several))
        object.__setattr__(self, "samples", tuple(ordered))
        object.__setattr__(self, "name", printable(self.name))
        object.__setattr__(self, "classes", tuple(printable(name) for name in self.classes))
        if len(set(self.classes)) < len(self.classes):
            raise PluginError(f"the classes of a manifest name one twice: {', '.join(self.classes)}", where=self.name)
        if not ordered:
            raise DataError("no images were found", where=self.name)
        doubled = sorted({sample.key for sample, following in pairwise(ordered) if sample.key == following.key})
        if doubled:
            names = cut_short([repr(key) for key in doubled], 4)
            raise DataError(f"several images have the same name: {names}", where=self.name)
        known = set(self.classes)
        if unknown := next((sample for sample in ordered if sample.label not in known), None):
            raise DataError(
                f"the image {unknown.key!r} has the label {unknown.label!r}, which is not one of the classes "
                f"{', '.join(self.classes)}",
                where=self.name,
            )

    @property
    def labels(self) -> list[int]:
        """The class of each sample as an index into `classes`."""
        return labels_of(self.samples, self.classes)

    @property
    def groups(self) -> list[str] | None:
        """The patient of each sample; None unless every sample has one."""
        return groups_of(self.samples)

    @property
    def without_group(self) -> tuple[Sample, ...]:
        """The samples without a patient."""
        return tuple(sample for sample in self.samples if sample.group is None)

    @property
    def some_groups(self) -> bool:
        """Whether the patients of some samples are known, but not of all."""
        return 0 < len(self.without_group) < len(self.samples)

    def counts(self) -> dict[str, int]:
        """Return the number of images of each class, in the order of `classes`."""
        counts = Counter(sample.label for sample in self.samples)
        return {name: counts[name] for name in self.classes}

    def fingerprint(self, contents: Sequence[bytes | None] | None = None) -> str:
        """Return a hash of every sample's key, label, patient and content; `contents` are the digests if known."""
        if contents is None:
            contents = digests(len(self.samples), lambda index: self.samples[index].path)
        digest = hashlib.sha256()
        for sample, content in zip(self.samples, contents, strict=True):
            row = (sample.key, sample.label, sample.group or "", content.hex() if content else "unreadable")
            digest.update("\0".join(row).encode() + b"\n")
        return digest.hexdigest()


def _check_types(path: object, key: object, label: object, group: object, facts: object) -> None:
    """Raise a PluginError if a field of a sample has the wrong type, which is a mistake of the data source."""
    if not isinstance(key, str):
        raise PluginError(f"the key of an image must be text, not {_kind(key)}")
    if not isinstance(path, Path):
        raise PluginError(f"the path of the image {quoted(key)} must be a pathlib.Path, not {_kind(path)}")
    for name, value in (("label", label), ("group", group)):
        if value is None and name == "group":
            continue
        if not isinstance(value, str):
            raise PluginError(f"the {name} of the image {quoted(key)} must be text, not {_kind(value)}")
        if not value:
            hint = "give None if the patient is not known" if name == "group" else None
            raise PluginError(f"the {name} of the image {quoted(key)} is empty", hint=hint)
    if facts is NO_FACTS:
        return
    if not isinstance(facts, Mapping):
        raise PluginError(f"the facts of the image {quoted(key)} must be a mapping, not {_kind(facts)}")
    for name, value in facts.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise PluginError(
                f"the fact {quoted(str(name))} of the image {quoted(key)} must be text, not {_kind(value)}",
                hint="write numbers as text",
            )


def _kind(value: object) -> str:
    """Return a value with its type, for an error message."""
    return f"{quoted(value)} of type {type(value).__name__}"


def _all_are(values: object, kind: type) -> bool:
    """Return whether `values` is a sequence of objects of this type; a text is none."""
    return (
        isinstance(values, Sequence)
        and not isinstance(values, str)
        and all(isinstance(value, kind) for value in values)
    )


def printable(text: str) -> str:
    """Return text that can be written to a CSV file in UTF-8: other bytes of a file name are escaped."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = os.fsencode(text).decode("utf-8", "backslashreplace")
    return text.replace("\r", "\\r")  # the csv module writes it unquoted, and reads it as the end of a row


@lru_cache(maxsize=4096)
def _interned(facts: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Return facts as a mapping; equal facts share one."""
    return MappingProxyType({sys.intern(printable(name)): printable(value) for name, value in facts})
