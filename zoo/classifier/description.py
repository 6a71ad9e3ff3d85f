"""What a bundle's config.json says about its classifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from zoo.errors import BundleError
from zoo.spec import Head, Preprocessing, Scalar


@dataclass(frozen=True, kw_only=True)
class Description:
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

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "classes": list(self.classes)}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], *, where: str) -> Description:
        """Read what `as_dict` wrote; whatever is missing or of the wrong kind is told."""
        try:
            preprocessing = dict(document["preprocessing"])
            for key in ("mean", "std"):
                preprocessing[key] = tuple(float(value) for value in preprocessing[key])
            return cls(
                entry=str(document["entry"]),
                architecture=str(document["architecture"]),
                plugin=dict(document["plugin"]),
                options=dict(document["options"]),
                head=document["head"],
                classes=tuple(str(name) for name in document["classes"]),
                preprocessing=Preprocessing(**preprocessing),
                training=dict(document["training"]),
            )
        except KeyError as error:
            raise BundleError(f"config.json lacks {error}", where=where) from error
        except (TypeError, ValueError) as error:
            raise BundleError(f"config.json is damaged: {error}", where=where) from error
