"""The list of samples, as a source gives it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zoo.data.digests import digests
from zoo.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One image: where it lies, what it shows, whose it is."""

    path: Path
    key: str
    """Names the sample the same on every machine, wherever the data lie."""
    label: str
    group: str | None = None
    """The patient, where the source knows it."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Whatever else the source knows: magnification, subtype."""


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
        doubled = [key for key, count in Counter(sample.key for sample in ordered).items() if count > 1]
        if doubled:
            raise DataError(f"{len(doubled)} names stand for more than one image, such as {doubled[0]}")
        if not ordered:
            raise DataError(f"{self.name}: no image was found")

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

    def fingerprint(self) -> str:
        """A hash of every sample's name, label, patient and bytes."""
        digest = hashlib.sha256()
        for sample, content in zip(self.samples, digests([sample.path for sample in self.samples]), strict=True):
            row = (sample.key, sample.label, sample.group or "", content or "unreadable")
            digest.update("\0".join(row).encode() + b"\n")
        return digest.hexdigest()
