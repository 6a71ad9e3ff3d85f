"""One file in the cache of the Hub's client, compared with the hash that the Hub states for it.

The client compares only sizes, and never looks at its cache again. Git gives a small file a sha1; a large one has a
sha256. The cache keeps them: a file there is a link to `blobs/HASH`.
"""

from __future__ import annotations

import hashlib
import re
import stat
from pathlib import Path
from typing import IO

_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def is_intact(path: Path, stated: str | None = None) -> bool:
    """Return whether a cached file is the one that the Hub has; one whose hash is not known is taken as intact.

    Args:
        path: The file, as the client returns it.
        stated: The hash that the Hub states; by default the one that the cache keeps.
    """
    expected = stated or kept_hash(path)
    if not _is_file(path):
        return False
    return expected is None or hash_of(path, like=expected) == expected


def kept_hash(path: Path) -> str | None:
    """Return the hash that the cache keeps for a file; None if it keeps none, as without links."""
    name = path.readlink().name if path.is_symlink() else ""
    return name if _HASH.fullmatch(name) else None


def hash_of(path: Path, *, like: str) -> str:
    """Return the hash of a file that can be compared with one that the Hub states."""
    with path.open("rb") as file:
        return hash_of_content(file, size=path.stat().st_size, like=like)


def hash_of_content(file: IO[bytes], *, size: int, like: str) -> str:
    """Return the sha1 that git gives a file, or its sha256 if the hash to compare with is as long as one."""
    digest = hashlib.sha256()
    if len(like) == 40:
        digest = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _is_file(path: Path) -> bool:
    """Return whether a path leads to a regular file."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
