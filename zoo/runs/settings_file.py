"""The settings that a folder of many runs was started with: `grid.yaml`, `reproduction.yaml`.

The file has a hash of the settings on which results depend. One that was edited later is refused, since the runs are
not what it says.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from zoo.config.grid_config import GridConfig
from zoo.config.plain import from_plain, plain
from zoo.config.reproduction_config import ReproductionConfig
from zoo.config.yaml_file import read_document, write_document
from zoo.errors import RunError, ZooError

Settings = TypeVar("Settings", GridConfig, ReproductionConfig)


def write_settings(path: Path, settings: GridConfig | ReproductionConfig, *, format: int) -> None:  # noqa: A002
    """Write a configuration.

    Args:
        path: The file.
        settings: The configuration.
        format: The version of the file's format.
    """
    write_document(path, {"format": format, "digest": settings.digest, **plain(settings)})


def read_settings(path: Path, kind: type[Settings], *, format: int, of: str) -> Settings:  # noqa: A002
    """Return the configuration in a file; raise a RunError if it is damaged, of another version, or was edited.

    Args:
        path: The file.
        kind: The class of the configuration.
        format: The version of the format that is read.
        of: What the folder is, for the message: `grid`.
    """
    name, where = path.name, str(path.parent)
    try:
        document = read_document(path)
        if not isinstance(document, dict) or document.pop("format", None) != format:
            raise ValueError("it is damaged, or was written by another version")
        digest = document.pop("digest", None)
        settings = from_plain(kind, document)
    except OSError as error:
        raise RunError(f"{name} cannot be read: {error.strerror or error}", where=where) from error
    except (ValueError, ZooError) as error:
        raise RunError(f"{name} cannot be read: {error}", where=where) from error
    if digest != settings.digest:
        raise RunError(
            f"{name} was edited: its settings are not those that the {of} was started with",
            where=where,
            hint=f"restore {name}, or start a new {of}",
        )
    return settings
