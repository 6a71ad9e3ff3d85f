"""From a source's name to a manifest."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from zoo.config.plugin_options import checked_options
from zoo.data.manifest import SYNTHETIC, Manifest
from zoo.errors import DataError, PluginError, UnknownNameError, UsageError
from zoo.imports import import_object
from zoo.progress import Reporter, Silent
from zoo.spec import Scalar, Source


def read_manifest(
    source: Source,
    *,
    root: Path | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Reporter | None = None,
) -> Manifest:
    """List a source's samples."""
    chosen = all_options(source, options or {})
    read = import_object(source.read, plugin=f"data source {source.name}")
    if source.takes == "nothing":
        if root is not None:
            raise UsageError(f"the data source {source.name} takes no root")
        manifest = read(progress=progress or Silent(), **chosen)
    else:
        checked = _checked_root(source, root)
        with _told(checked):
            manifest = read(checked, **chosen)
    if not isinstance(manifest, Manifest):
        raise PluginError(f"{source.read} gave {type(manifest).__name__}, not a zoo.data.Manifest")
    if root is not None and any((folder / SYNTHETIC).is_file() for folder in (root, *root.resolve().parents)):
        manifest = replace(manifest, synthetic=True, name=f"{manifest.name}, synthetic")
    return manifest


def all_options(source: Source, given: Mapping[str, Any]) -> dict[str, Scalar]:
    """Return every option of a source: those given, each checked, and the defaults of the others."""
    defaults = {name: option.default for name, option in source.options.items()}
    return {**defaults, **checked_options(source.options, given, of=f"the data source {source.name}")}


def _checked_root(source: Source, root: Path | None) -> Path:
    if root is None:
        raise UsageError(f"the data source {source.name} needs to know where the data lie", hint="give --root PATH")
    wanted = root.is_file if source.takes == "file" else root.is_dir
    with _told(root):
        if not wanted():
            problem = f"is not a {source.takes}" if root.exists() else f"there is no such {source.takes}"
            raise DataError(problem, where=str(root))
        if source.takes == "folder":
            next(root.iterdir(), None)
    return root


@contextmanager
def _told(root: Path) -> Iterator[None]:
    """What the system refuses inside the block is told with its place."""
    try:
        yield
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=str(error.filename or root)) from error


def find_source(data: str, root: str | Path | None, sources: Mapping[str, Source]) -> tuple[Source, Path | None]:
    """A source by its name, with its root; or by a path alone, where the tree says by itself what it is."""
    if data in sources:
        return sources[data], Path(root) if root is not None else None
    if os.path.exists(data) and root is None:  # noqa: PTH110 - false, and no error, for what cannot be a path
        return recognised(Path(data), sources.values()), Path(data)
    if root is None and Path(data).name != data:
        raise DataError("there is no such folder or file", where=data)
    raise UnknownNameError("data source", data, sources)


def find_source_at(path: str, data: str | None, sources: Mapping[str, Source]) -> tuple[Source, Path | None]:
    """Return the source of the data at a path, with its root; `data` names the source where it is not recognised."""
    return find_source(data, path, sources) if data else find_source(path, None, sources)


def recognised(path: Path, sources: Iterable[Source]) -> Source:
    """The source whose data lie at a path, as their tree says by itself; a plain folder of classes where none does."""
    named = {source.name: source for source in sources}
    with _told(path):
        found = [
            name
            for name, source in named.items()
            if source.recognise and import_object(source.recognise, plugin=f"data source {name}")(path)
        ]
    if len(found) > 1:
        raise DataError(
            f"this could be {' or '.join(sorted(found))}",
            where=str(path),
            hint=f"say which: --data {found[0]} --root {path}",
        )
    if not found and not path.is_dir():
        raise DataError("is a file that no data source recognises", where=str(path))
    return named[found[0] if found else "folder"]
