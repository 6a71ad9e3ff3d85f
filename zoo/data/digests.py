"""The sha256 of files, remembered: a file is hashed once, and again only when its size or time has changed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from zoo.data.cache import cache_folder
from zoo.data.parallel import each
from zoo.files import sha256

Stamp = tuple[bytes, int, int]
"""A file as it lies there: path in bytes (a name need not be text), size, time of change in nanoseconds."""
CHUNK = 500


def digests(paths: Sequence[Path], *, on_hash: Callable[[int], None] = lambda _: None) -> list[str | None]:
    """Each file's sha256, or None for one that cannot be read. `on_hash` hears of every file that is hashed."""
    stamps = [_stamp(path) for path in paths]
    with closing(_open()) as table:
        known = _known(table, [stamp for stamp in stamps if stamp])
        missing = [stamp for stamp in stamps if stamp and stamp not in known]
        for stamp, digest in zip(missing, each(len(missing), lambda index: _hash(missing[index][0])), strict=True):
            on_hash(1)
            if digest is not None:
                known[stamp] = digest
        new = [(*stamp, known[stamp]) for stamp in missing if stamp in known]
        with table:
            table.executemany("INSERT OR REPLACE INTO digests VALUES (?, ?, ?, ?)", new)
    return [known.get(stamp) if stamp else None for stamp in stamps]


def _open() -> sqlite3.Connection:
    """The table in the cache; a damaged one is only a memory, and is begun anew."""
    path = cache_folder() / "digests.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _with_schema(path)
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)
        return _with_schema(path)


def _with_schema(path: Path) -> sqlite3.Connection:
    table = sqlite3.connect(path, timeout=60)
    try:
        table.execute(
            "CREATE TABLE IF NOT EXISTS digests (path BLOB PRIMARY KEY, size INTEGER, time INTEGER, sha256 TEXT)"
        )
    except sqlite3.DatabaseError:
        table.close()
        raise
    return table


def _known(table: sqlite3.Connection, stamps: Sequence[Stamp]) -> dict[Stamp, str]:
    wanted = {stamp[0]: stamp for stamp in stamps}
    paths = list(wanted)
    found: dict[Stamp, str] = {}
    for start in range(0, len(paths), CHUNK):
        some = paths[start : start + CHUNK]
        marks = ",".join("?" * len(some))
        rows = table.execute(
            f"SELECT path, size, time, sha256 FROM digests WHERE path IN ({marks})",  # noqa: S608 - only marks
            some,
        )
        for path, size, time, digest in rows:
            if wanted[path] == (path, size, time):
                found[path, size, time] = digest
    return found


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return os.fsencode(path.absolute()), status.st_size, status.st_mtime_ns


def _hash(path: bytes) -> str | None:
    try:
        return sha256(Path(os.fsdecode(path)))
    except OSError:
        return None
