"""From a source's name to a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zoo.data.manifest import Manifest
from zoo.errors import DataError, PluginError, UsageError
from zoo.locate import locate
from zoo.options import checked_options
from zoo.progress import Silent, Watcher
from zoo.spec import Source


def read_manifest(
    source: Source,
    *,
    root: Path | None = None,
    options: Mapping[str, Any] | None = None,
    watch: Watcher | None = None,
) -> Manifest:
    """List a source's samples."""
    chosen = {name: option.default for name, option in source.options.items()}
    chosen.update(checked_options(source.options, options or {}, of=f"the data source {source.name}"))
    read = locate(source.read, plugin=f"data source {source.name}")
    if not source.needs_root:
        if root is not None:
            raise UsageError(f"the data source {source.name} takes no root")
        manifest = read(watch=watch or Silent(), **chosen)
    else:
        manifest = read(_checked_root(source, root), **chosen)
    if not isinstance(manifest, Manifest):
        raise PluginError(f"{source.read} gave {type(manifest).__name__}, not a zoo.data.Manifest")
    return manifest


def _checked_root(source: Source, root: Path | None) -> Path:
    if root is None:
        raise UsageError(f"the data source {source.name} needs to know where the data lie", hint="give --root PATH")
    try:
        if not root.is_dir():
            raise DataError("is not a folder" if root.exists() else "there is no such folder", where=str(root))
        next(root.iterdir(), None)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=str(root)) from error
    return root
