"""New folders: nothing is ever overwritten."""

from __future__ import annotations

import os
from pathlib import Path

from zoo.errors import RunError


def new_folder(name: str, out: Path | None = None) -> Path:
    """Make one: `out`, or the next free `runs/NAME-N`."""
    return _made(out) if out is not None else _next_free(Path("runs"), name)


def taken(path: Path) -> RunError:
    """What to say of a folder that somebody has used."""
    return RunError(
        "the folder is not empty; a run never overwrites another",
        where=str(path),
        hint="name a new folder with --out, or leave --out away",
    )


def _made(path: Path) -> Path:
    """A folder that was not there, or was empty."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise taken(path)
        if not os.access(path, os.W_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise RunError(
            f"cannot be written: {error.strerror}", where=str(path), hint="choose another place with --out"
        ) from error
    return path


def _next_free(parent: Path, name: str) -> Path:
    """Two processes that start together get two folders: making one is what claims it."""
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
        raise RunError(
            f"cannot be written: {error.strerror}", where=str(parent), hint="choose another place with --out"
        ) from error
