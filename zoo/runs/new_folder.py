"""New folders for runs and grids. Nothing is ever overwritten."""

from __future__ import annotations

import os
from pathlib import Path

from zoo.errors import RunError


def new_folder(name: str, out: Path | None = None) -> Path:
    """Create and return a new folder: `out`, or the next free `runs/NAME-N`."""
    return _make(out) if out is not None else _make_next_free(Path("runs"), name)


def check_new_folder(path: Path) -> None:
    """Raise a RunError if a folder exists and is not empty, before any work is done for it."""
    try:
        if path.exists() and not path.is_dir():
            raise FileExistsError(17, "File exists")
        taken = path.is_dir() and any(path.iterdir())
    except OSError as error:
        raise _cannot_be_written(path, error) from error
    if taken:
        raise not_empty(path)


def not_empty(path: Path) -> RunError:
    """Return the error for a folder that is not empty."""
    return RunError(
        "the folder is not empty; a run never overwrites another",
        where=str(path),
        hint="choose a new folder with --out, or omit --out",
    )


def _make(path: Path) -> Path:
    """Create a folder, or use an existing empty one."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise not_empty(path)
        if not os.access(path, os.W_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise _cannot_be_written(path, error) from error
    return path


def _make_next_free(parent: Path, name: str) -> Path:
    """Create the next free folder. Processes that start at the same time get different folders."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            path = parent / f"{name}-{number}"
            try:
                path.mkdir()
            except FileExistsError:
                number += 1
            else:
                return path
    except OSError as error:
        raise _cannot_be_written(parent, error) from error


def _cannot_be_written(path: Path, error: OSError) -> RunError:
    return RunError(f"cannot be written: {error.strerror}", where=str(path), hint="choose another folder with --out")
