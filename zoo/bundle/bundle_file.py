"""A file of a bundle, found before it is read: a regular file in the folder itself, or in the cache of the Hub."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from zoo.errors import BundleError

_SHARED = re.compile(r"[0-9a-f]{64}")


def bundle_file(folder: Path, name: str) -> Path | None:
    """Return the path of a file of a bundle; None if it has no such file.

    A BundleError is raised for a folder, a pipe or a device, which cannot be read to its end, and for a link, which may
    lead to a file that nobody meant to read or to publish. The Hub's client keeps its cache with links; they lead to
    files of the same repository, and are followed.

    Args:
        folder: The bundle.
        name: The name of the file.
    """
    path = folder / name
    try:
        mode = _mode(path)
        if mode is not None and stat.S_ISLNK(mode):
            mode = _mode(_in_cache(folder, path))
    except OSError as error:
        raise BundleError(f"{name} cannot be read: {error.strerror}", where=str(folder)) from error
    if mode is None or stat.S_ISREG(mode):
        return None if mode is None else path
    what = "folder" if stat.S_ISDIR(mode) else "pipe or a device"
    raise BundleError(f"{name} is a {what}, not a file", where=str(folder), hint="download the bundle again")


def _mode(path: Path) -> int | None:
    """Return what a path is, without following a link; None if there is nothing."""
    try:
        return path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None


def _in_cache(folder: Path, link: Path) -> Path:
    """Return the file that a link in the Hub's cache leads to; a BundleError for any other link.

    The client keeps a repository as snapshots/COMMIT/NAME, each a link to blobs/HASH. That of a large file may be a
    link to a file that repositories share, blobs/FIRST/HASH beside the repositories.
    """
    real = Path(os.path.realpath(folder))
    target = Path(os.path.realpath(link))
    repository = real.parent.parent
    own, shared = repository / "blobs", repository.parent / "blobs"
    through_own = Path(os.path.normpath(real / link.readlink())).parent == own and not own.is_symlink()
    in_shared = through_own and target.parent.parent == shared and _SHARED.fullmatch(target.name) is not None
    if real.parent.name != "snapshots" or not (target.parent == own or in_shared):
        raise BundleError(
            f"{link.name} is a link, and links are not followed, since they may lead to any file",
            where=str(folder),
            hint="put a copy of the file in its place",
        )
    return target
