"""The sha256 of files, cached: a file is hashed again only when its size or one of its times has changed."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

from zoo.data.cache import cache_folder
from zoo.files import sha256
from zoo.parallel import map_ordered
from zoo.progress import Reporter, Silent

FILE = "digests.sqlite"
Stamp = tuple[bytes, int, int, int]
"""The path of a file in bytes, and its state."""
FileState = tuple[int, int, int]
"""The size of a file, and the times of the last write and the last change: a file with the same state is the same."""
BLOCK = 500
"""How many files are looked up at once, to limit the memory for a hundred thousand files."""
MIN_AGE = 50_000_000
"""In nanoseconds: the hash of a file that changed more recently is not cached, as it may change at the same time."""


def digests(count: int, path_of: Callable[[int], Path], *, progress: Reporter | None = None) -> list[bytes | None]:
    """Return the sha256 of the files path_of(0), path_of(1), ...; None for a file that cannot be read."""
    return digests_with_states(count, path_of, progress=progress)[0]


def digests_with_states(
    count: int, path_of: Callable[[int], Path], *, progress: Reporter | None = None
) -> tuple[list[bytes | None], list[FileState | None]]:
    """Return the `digests` of files, and the state that each file had: as long as it has that, the digest is right.

    The state is None for a file that changed just now, as its next change may be too soon after it to be seen.
    """
    hashes: list[bytes | None] = [None] * count
    states: list[FileState | None] = [None] * count
    if not count:
        return hashes, states
    missing: list[int] = []
    with closing(_open_table()) as table:
        for block in _blocks(range(count)):
            stamps = [_stamp(path_of(index)) for index in block]
            known = _look_up(table, {stamp[0]: stamp for stamp in stamps if stamp})
            for index, stamp in zip(block, stamps, strict=True):
                if stamp and stamp in known:
                    hashes[index], states[index] = known[stamp], stamp[1:]
                elif stamp:
                    missing.append(index)
        if missing:
            with (progress or Silent()).track("hashing new and changed files", len(missing), "files") as task:
                for block in _blocks(missing):
                    hashed = _hash_and_store(table, [path_of(index) for index in block])
                    for index, (digest, state) in zip(block, hashed, strict=True):
                        hashes[index], states[index] = digest, state
                    task.advance(len(block))
    return hashes, states


def state_of(path: Path) -> FileState | None:
    """Return the state of a file; None for anything but a regular file."""
    stamp = _stamp(path)
    return stamp and stamp[1:]


def _blocks(indices: Iterable[int]) -> Iterator[list[int]]:
    """Yield indices in lists of at most BLOCK."""
    remaining = iter(indices)
    while block := list(islice(remaining, BLOCK)):
        yield block


def _hash_and_store(table: sqlite3.Connection, paths: Sequence[Path]) -> list[tuple[bytes | None, FileState | None]]:
    """Return the sha256 and the state of files, and store them unless a file was changed just now."""
    newest = time.time_ns() - MIN_AGE
    stamps = [stamp if stamp and stamp[3] < newest else None for stamp in map(_stamp, paths)]
    hashed = list(map_ordered(len(paths), lambda index: _hash(paths[index])))
    rows = [(*stamp, digest) for stamp, digest in zip(stamps, hashed, strict=True) if stamp and digest]
    with suppress(sqlite3.Error), table:  # such as a full disk; the hashes are computed again next time
        table.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", rows)
    return [(digest, stamp and stamp[1:]) for digest, stamp in zip(hashed, stamps, strict=True)]


def _open_table() -> sqlite3.Connection:
    """Open the table in the cache; replace a damaged one, and use memory where no file can be written."""
    path = cache_folder() / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _with_schema(path)
        except sqlite3.OperationalError:
            return _with_schema(":memory:")
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)
            return _with_schema(path)
    except (OSError, sqlite3.Error):
        return _with_schema(":memory:")


def _with_schema(path: Path | str) -> sqlite3.Connection:
    """Open a database and create its table if need be; raise a sqlite3.Error if the table is damaged."""
    table = sqlite3.connect(path, timeout=60)
    try:
        table.execute(
            "CREATE TABLE IF NOT EXISTS files "
            "(path BLOB PRIMARY KEY, size INTEGER, written INTEGER, changed INTEGER, sha256 BLOB)"
        )
        table.execute("SELECT path, size, written, changed, sha256 FROM files LIMIT 1").fetchall()
    except sqlite3.Error:
        table.close()
        raise
    return table


def _look_up(table: sqlite3.Connection, wanted: dict[bytes, Stamp]) -> dict[Stamp, bytes]:
    """Return the stored hashes of the files that have not changed, by their stamps."""
    marks = ",".join("?" * len(wanted))
    try:
        rows = table.execute(f"SELECT * FROM files WHERE path IN ({marks})", list(wanted)).fetchall()  # noqa: S608
    except sqlite3.Error:  # a damaged page: everything is hashed again
        return {}
    size = hashlib.sha256().digest_size
    return {
        (path, *stamp): digest
        for path, *stamp, digest in rows
        if wanted.get(path) == (path, *stamp) and isinstance(digest, bytes) and len(digest) == size
    }


def _stamp(path: Path) -> Stamp | None:
    """Return the path and the state of a file; None for anything but a regular file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return os.fsencode(path.absolute()), status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _hash(path: Path) -> bytes | None:
    """Return the sha256 of a file; None if it cannot be read."""
    try:
        return bytes.fromhex(sha256(path)) if path.is_file() else None
    except OSError:
        return None
