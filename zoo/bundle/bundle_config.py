"""What a bundle's config.json says about its classifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_type_hints

from zoo.config import values as typed
from zoo.errors import BundleError, UsageError
from zoo.spec import Head, Preprocessing, Scalar


@dataclass(frozen=True, kw_only=True)
class BundleConfig:
    """All that is needed to build the network again and to read its outputs."""

    entry: str
    architecture: str
    plugin: Mapping[str, str]
    """name, distribution and version of the plugin that registers the architecture."""
    options: Mapping[str, Scalar]
    head: Head
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    training: Mapping[str, Any] = field(default_factory=dict)
    """How the weights came about; empty for fresh ones."""

    def __post_init__(self) -> None:
        if len(set(self.classes)) < len(self.classes):
            raise UsageError(f"two classes have the same name: {', '.join(self.classes)}")

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "classes": list(self.classes)}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], *, where: str) -> BundleConfig:
        """Read what `as_dict` wrote; whatever is missing or of the wrong kind is told."""
        try:
            plain = {name: document[name] for name in ("entry", "architecture", "head", "classes")}
            preprocessing = dict(document["preprocessing"])
            preprocessing |= {field.name: preprocessing[field.name] for field in fields(Preprocessing)}
            return cls(
                **_checked(plain, cls),
                plugin=dict(document["plugin"]),
                options=dict(document["options"]),
                preprocessing=Preprocessing(**_checked(preprocessing, Preprocessing)),
                training=dict(document["training"]),
            )
        except KeyError as error:
            raise BundleError(f"config.json lacks {error}", where=where) from error
        except (TypeError, ValueError) as error:
            raise BundleError(f"config.json is damaged: {error}", where=where) from error


def _checked(values: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """The fields of a dataclass, each of its declared type; an unknown one is left for the dataclass to refuse."""
    hints = get_type_hints(kind)
    checked = dict(values)
    for name in hints.keys() & values.keys():
        try:
            checked[name] = typed.check(values[name], hints[name])
        except ValueError as error:
            raise ValueError(f"{name} {error}") from error
    return checked
