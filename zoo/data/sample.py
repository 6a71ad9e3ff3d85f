"""One image of a data set. There may be a hundred thousand, so it is small: what many have in common is kept once."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Sample:
    """Where an image lies, what it shows, whose it is."""

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
