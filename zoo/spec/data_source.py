"""A data source: the function that lists its samples, and facts about the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from zoo.spec.option import Option


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A .tar.gz file with a complete data set, as its owners publish it."""

    url: str
    folder: str
    """The name of the folder that it is unpacked to."""
    by: str
    """The fact of a sample by which `images` counts, in addition to the class."""
    images: Mapping[str, Mapping[str, int]]
    """The contents of a complete copy: class -> value of that fact -> number of images."""
    most_files: int
    """An archive with more files is refused, since it may be a decompression bomb."""
    most_bytes: int
    """An archive that unpacks to more bytes is refused."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A data source that a plugin registers: the function that lists its samples, and facts about the data."""

    name: str
    read: str
    """`module:function`, called as `function(root, **options)`; returns a `zoo.data.Manifest`.

    A source with `takes="nothing"` creates its own data, and is called as `function(progress=..., **options)` instead.
    """
    recognize: str | None = None
    """`module:function`, called as `function(path)`; returns whether a folder or file has the layout of this source."""
    summary: str
    options: Mapping[str, Option] = field(default_factory=dict)
    license: str = "unknown"
    home: str | None = None
    """The web page of the data set."""
    size: str | None = None
    """A description of the size of a complete copy, such as "7,909 images of 82 patients"."""
    archive: Archive | None = None
    """The archive that `zoo data fetch` downloads, if the owners publish one without registration."""
    takes: Literal["folder", "file", "nothing"] = "folder"
    """Whether `--root` is a folder or a file, or there is none."""
    synthetic: bool = False
    recipe: str | None = None
    """The default recipe for this source, in place of the model's own; only the built-in sample has one."""
    any_data: bool = False
    """Whether it reads data of any origin, as a table does, so that its name does not say whose patients they are."""
