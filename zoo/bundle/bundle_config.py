"""config.json, typed: the configuration of the classifier in a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.bundle.bundle_files import CONFIG, read_config
from zoo.bundle.provenance import Provenance
from zoo.config.fields import Range
from zoo.config.plain import from_plain, plain
from zoo.errors import BundleError, UsageError
from zoo.spec import Head, Preprocessing, Scalar
from zoo.text import quoted
from zoo.version import __version__

FILE_KEYS = ("format", "library", "weights", "seen", "baseline", "calibration", "novelty")
"""Keys of config.json that describe the bundle's files; `zoo.bundle.bundle_files` writes and checks them."""


@dataclass(frozen=True, kw_only=True)
class PluginPackage:
    """The plugin that registers an architecture, and the package that it is installed with."""

    name: str
    distribution: str
    version: str


@dataclass(frozen=True, kw_only=True)
class BundleConfig:
    """All that is needed to build the network again and to interpret its outputs."""

    library_version: str = __version__
    """The version of histozoo that wrote the bundle."""
    entry: str
    architecture: str
    plugin: PluginPackage
    options: Mapping[str, Scalar]
    head: Head
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    training: Provenance | None = None
    """How the weights were trained; None if they were not trained."""

    def __post_init__(self) -> None:
        if wrong := [name for name in self.classes if not isinstance(name, str)]:
            raise UsageError(f"the name of a class must be a text, not {quoted(wrong[0])}")
        if len(set(self.classes)) < len(self.classes):
            raise UsageError(f"two classes have the same name: {', '.join(self.classes)}")
        _check_ranges(self.preprocessing)

    def to_json(self) -> dict[str, Any]:
        """Return the document; `write_bundle` adds the version and the description of the files."""
        document = plain(self)
        del document["library_version"]
        return {**document, "training": document["training"] or {}}

    @classmethod
    def read(cls, folder: Path) -> BundleConfig:
        """Return the configuration of the bundle in a folder."""
        return cls.from_json(read_config(folder), where=str(folder))

    @classmethod
    def from_json(cls, document: Mapping[str, Any], *, where: str) -> BundleConfig:
        """Return the configuration in a config.json; a BundleError names the key that is wrong."""
        values = {name: value for name, value in document.items() if name not in FILE_KEYS}
        if values.get("training") == {}:
            values["training"] = None
        try:
            return from_plain(cls, values)
        except ValueError as error:
            raise BundleError(f"{CONFIG} cannot be read: {error}", where=where, hint=_other_version(values)) from error
        except UsageError as error:
            raise BundleError(f"{CONFIG} cannot be read: {error.message}", where=where) from error


def _check_ranges(preprocessing: Preprocessing) -> None:
    """Raise a UsageError for a size, mean or standard deviation that is out of range."""
    ranges = {
        "height": Range(at_least=1, at_most=65_536),
        "width": Range(at_least=1, at_most=65_536),
        "mean": Range(at_least=-1e6, at_most=1e6),
        "std": Range(at_least=1e-6, at_most=1e6),
    }
    for name, allowed in ranges.items():
        value = getattr(preprocessing, name)
        for number in value if isinstance(value, tuple) else (value,):
            if number not in allowed:
                raise UsageError(f"preprocessing.{name} must be {allowed}, not {quoted(number)}")


def _other_version(values: Mapping[str, Any]) -> str | None:
    """Return a hint if another version of histozoo wrote the bundle."""
    written_by = values.get("library_version", __version__)
    return None if written_by == __version__ else f"histozoo {quoted(written_by)} wrote it, and this is {__version__}"
