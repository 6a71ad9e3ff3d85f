"""config.json, typed: the configuration of the classifier in a bundle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoo.bundle.bundle_files import CONFIG, read_config
from zoo.bundle.provenance import Provenance
from zoo.bundle.timm_config import timm_document, without_timm
from zoo.config.plain import OPTIONAL, from_plain, plain
from zoo.config.preprocessing import check_preprocessing
from zoo.errors import BundleError, UsageError
from zoo.spec import Head, Preprocessing, Scalar
from zoo.text import is_line, quoted
from zoo.valid_names import is_name, is_package, is_version, name_error
from zoo.version import __version__

FILE_KEYS = ("format", "library", "weights", "golden", "seen", "baseline", "calibration", "novelty")
"""Keys of config.json that describe the bundle's files; `zoo.bundle.bundle_files` writes and checks them."""

MOST_CLASSES = 10_000
LONGEST_CLASS = 255
"""The most characters of the name of a class, which are those of a folder."""


@dataclass(frozen=True, kw_only=True)
class PluginPackage:
    """The plugin that registers an architecture, and the package that it is installed with."""

    name: str
    distribution: str
    version: str

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise UsageError(name_error("plugin", self.name))
        if not is_package(self.distribution) or not is_version(self.version):
            raise UsageError(
                f"{quoted(self.distribution)} and {quoted(self.version)} are not the name and version of a package"
            )


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
    """How the weights were trained; None if that is not known, or they were not, or not since the head was replaced."""
    earlier_training: Provenance | None = field(default=None, metadata=OPTIONAL)
    """How the weights were trained before the head was replaced by a fresh one, or before they were trained elsewhere;
    None if neither was so."""
    trained_elsewhere: bool | None = field(default=None, metadata=OPTIONAL)
    """Whether the weights were trained, or trained further, by other means than histozoo, so that it is not known on
    what; None if not, or not since the head was replaced."""
    earlier_elsewhere: bool | None = field(default=None, metadata=OPTIONAL)
    """Whether they were trained elsewhere before the head was replaced by a fresh one; None if not."""

    def __post_init__(self) -> None:
        _check_classes(self.classes)
        if not is_name(self.entry):
            raise UsageError(name_error("entry", self.entry))
        check_preprocessing(self.preprocessing)

    @property
    def trained_on_synthetic(self) -> bool:
        """Whether the images of the training were drawn by a program, also if the head was replaced since."""
        last = self.last_training
        return last is not None and last.data.synthetic and not self.elsewhere

    @property
    def last_training(self) -> Provenance | None:
        """The last training that is known, also if the head was replaced since; None if none is known."""
        return self.training or self.earlier_training

    @property
    def elsewhere(self) -> bool:
        """Whether the weights were trained elsewhere after the last training that is known, whatever the head is."""
        return bool(self.trained_elsewhere or self.earlier_elsewhere)

    @property
    def fresh_head(self) -> bool:
        """Whether the head was replaced by a fresh one since the training."""
        earlier = self.earlier_training is not None or bool(self.earlier_elsewhere)
        return self.training is None and earlier and not self.trained_elsewhere

    def to_json(self) -> dict[str, Any]:
        """Return the document; `write_bundle` adds the version and the description of the files."""
        document = plain(self)
        del document["library_version"]
        return {**document, **timm_document(self), "training": document["training"] or {}}

    @classmethod
    def read(cls, folder: Path) -> BundleConfig:
        """Return the configuration of the bundle in a folder."""
        return cls.from_json(read_config(folder), where=str(folder))

    @classmethod
    def from_json(cls, document: Mapping[str, Any], *, where: str) -> BundleConfig:
        """Return the configuration in a config.json; a BundleError names the key that is wrong."""
        values = {name: value for name, value in without_timm(document).items() if name not in FILE_KEYS}
        if values.get("training") == {}:
            values["training"] = None
        try:
            return from_plain(cls, values)
        except ValueError as error:
            raise BundleError(f"{CONFIG} cannot be read: {error}", where=where, hint=_other_version(values)) from error
        except UsageError as error:
            raise BundleError(f"{CONFIG} cannot be read: {error.message}", where=where) from error


def _check_classes(classes: tuple[str, ...]) -> None:
    """Raise a UsageError unless these can be the names of classes: some different lines of text."""
    if wrong := [name for name in classes if not isinstance(name, str)]:
        raise UsageError(f"the name of a class must be a text, not {quoted(wrong[0])}")
    if wrong := [name for name in classes if not is_line(name, longest=LONGEST_CLASS)]:
        raise UsageError(
            f"the name of a class must be one line of at most {LONGEST_CLASS} characters, not {quoted(wrong[0])}"
        )
    if len(classes) > MOST_CLASSES:
        raise UsageError(f"a classifier has at most {MOST_CLASSES:,} classes, not {len(classes):,}")
    if len(set(classes)) < len(classes):
        raise UsageError(f"two classes have the same name: {quoted(Counter(classes).most_common(1)[0][0])}")


def _other_version(values: Mapping[str, Any]) -> str | None:
    """Return a hint if another version of histozoo wrote the bundle."""
    written_by = values.get("library_version", __version__)
    return None if written_by == __version__ else f"histozoo {quoted(written_by)} wrote it, and this is {__version__}"
