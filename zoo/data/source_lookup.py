"""From the name of a data source, or a path, to its manifest."""

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
from zoo.plugin_code import describe_error, errors_of, warn
from zoo.progress import Reporter, Silent
from zoo.spec import Scalar, Source
from zoo.text import one_line


def read_manifest(
    source: Source,
    *,
    root: Path | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Reporter | None = None,
) -> Manifest:
    """Return the manifest of a data source.

    Args:
        source: The data source.
        root: The path of the data.
        options: Options of the source; text is parsed as the declared type.
        progress: Shows the progress of a source that creates its data.
    """
    values = all_options(source, options or {})
    read = import_object(source.read, plugin=f"data source {source.name}")
    if source.takes == "nothing":
        if root is not None:
            raise UsageError(f"the data source {source.name} has no path", hint="leave out --root")
        with errors_of(f"data source {source.name}", source.read):
            manifest = read(progress=progress or Silent(), **values)
    else:
        path = _check_root(source, root)
        with errors_of(f"data source {source.name}", source.read), _os_errors(path):
            manifest = read(path, **values)
    if not isinstance(manifest, Manifest):
        raise PluginError(
            f"{source.read} returned a {type(manifest).__name__}, not a zoo.data.Manifest",
            where=f"data source {source.name}",
        )
    if root is not None and _is_synthetic(root, manifest):
        manifest = replace(manifest, synthetic=True, name=f"{manifest.name}, synthetic")
    return manifest


def all_options(source: Source, given: Mapping[str, Any]) -> dict[str, Scalar]:
    """Return every option of a source: those given, each checked, and the defaults of the others."""
    defaults = {name: option.default for name, option in source.options.items()}
    return {**defaults, **checked_options(source.options, given, of=f"the data source {source.name}")}


def check_patient_names(source: Source, options: Mapping[str, Any], *, trained: Mapping[str, Scalar]) -> None:
    """Raise a UsageError if patients have other names than in the training of a model, so that none would be known.

    Args:
        source: The data source, the same as in the training.
        options: The options that are given.
        trained: Those of the training.
    """
    values = all_options(source, options)
    for name, option in source.options.items():
        if option.names_patients and name in trained and trained[name] != values[name]:
            raise UsageError(
                f"the model was trained with {name}={one_line(str(trained[name]))}: with {name}={values[name]}, "
                "patients have other names, and it would not be known which of them it has seen",
                hint=f"give the same {name} as in the training",
            )


def _is_synthetic(root: Path, manifest: Manifest) -> bool:
    """Return whether a file marks the images as synthetic: above the path of the data, or above any of the images."""
    of_images = {os.path.dirname(os.path.join(sample.folder, sample.name)) for sample in manifest.samples}  # noqa: PTH118, PTH120  # a Path for each image takes long
    above = {place for folder in (root, *map(Path, of_images)) for place in (folder, *folder.resolve().parents)}
    return any((place / SYNTHETIC).is_file() for place in above)


def _check_root(source: Source, root: Path | None) -> Path:
    """Return the path of the data, or raise an error if it is missing, not of the right kind, or cannot be read."""
    if root is None:
        raise UsageError(f"the data source {source.name} needs the path of the data", hint="give it with --root PATH")
    is_right_kind = root.is_file if source.takes == "file" else root.is_dir
    with _os_errors(root):
        if not is_right_kind():
            problem = f"is not a {source.takes}" if root.exists() else f"there is no such {source.takes}"
            fetch = source.archive is not None and not root.exists()
            raise DataError(problem, where=str(root), hint=f"zoo data fetch {source.name}" if fetch else None)
        if source.takes == "folder":
            next(root.iterdir(), None)
    return root


@contextmanager
def _os_errors(root: Path) -> Iterator[None]:
    """Raise an OSError in the block as a DataError with the path."""
    try:
        yield
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=str(error.filename or root)) from error


def find_source(data: str, root: str | Path | None, sources: Mapping[str, Source]) -> tuple[Source, Path | None]:
    """Return a data source and the path of its data.

    Args:
        data: The name of a source, or a path with a layout that a source recognizes.
        root: The path of the data, if `data` is a name.
        sources: All sources by name.
    """
    if data in sources:
        return sources[data], Path(root) if root is not None else None
    if os.path.exists(data) and root is None:  # noqa: PTH110 - no error for text that cannot be a path
        return recognize_source(Path(data), sources.values()), Path(data)
    if root is None and Path(data).name != data:
        raise DataError("there is no such folder or file", where=data)
    raise UnknownNameError("data source", data, sources)


def find_source_at(path: str, data: str | None, sources: Mapping[str, Source]) -> tuple[Source, Path | None]:
    """Return the source of the data at a path, and the path; `data` is the name of the source if it is given."""
    if data:
        return find_source(data, path, sources)
    if path not in sources and not os.path.exists(path):  # noqa: PTH110 - no error for text that cannot be a path
        raise DataError("there is no such folder or file", where=path)
    return find_source(path, None, sources)


def _recognizes(source: Source, path: Path) -> bool:
    """Return whether a source recognizes a path. A source that fails at that is skipped, with a warning."""
    place = source.recognize or ""
    try:
        return bool(import_object(place, plugin=f"data source {source.name}")(path))
    except KeyboardInterrupt:
        raise
    except PluginError as error:
        reason = str(error)
    except OSError as error:
        if error.filename is not None and path in (Path(error.filename), *Path(error.filename).parents):
            raise DataError(f"cannot be read: {error.strerror or error}", where=str(error.filename)) from error
        reason = f"data source {source.name}: {place} fails: {describe_error(error, package=place)}"
    except BaseException as error:  # noqa: BLE001 - another author's code may raise anything
        reason = f"data source {source.name}: {place} fails: {describe_error(error, package=place)}"
    warn(f"{reason}\n  this data source is not considered for {path}; --data {source.name} still reads it")
    return False


def recognize_source(path: Path, sources: Iterable[Source]) -> Source:
    """Return the source that recognizes the layout of a path; `folder` for a folder that none recognizes."""
    by_name = {source.name: source for source in sources}
    with _os_errors(path):
        if path.is_dir():
            next(path.iterdir(), None)
    names = [name for name, source in sorted(by_name.items()) if source.recognize and _recognizes(source, path)]
    if len(names) > 1:
        raise DataError(
            f"several data sources recognize these data: {', '.join(names)}",
            where=str(path),
            hint=f"choose one, for example: --data {names[0]} --root {path}",
        )
    if not names and not path.is_dir():
        raise DataError(
            "no data source recognizes this file",
            where=str(path),
            hint="a table of images is a .csv or .tsv file; `zoo data list` lists all sources",
        )
    return by_name[names[0] if names else "folder"]
