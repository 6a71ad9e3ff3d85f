"""Unpack an archive without trusting it.

Only folders and plain files are ever made, in a new folder, so it is enough to check names. `tarfile`'s own `data`
filter does not do: it is missing before Python 3.10.12 and 3.11.4 (Debian 12 has 3.11.2), makes links, and bounds
neither the number of files nor their size.
"""

from __future__ import annotations

import gzip
import posixpath
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from zoo.errors import DataError
from zoo.progress import Reporter, track_bytes
from zoo.spec import Archive
from zoo.text import megabytes

BLOCK = 1 << 20
LONGEST_HEADER = 1 << 24
"""`tarfile` reads a long name or an extended header in one piece, of whatever length the archive states."""

BROKEN = (
    *(tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error),
    *(ValueError, LookupError, ArithmeticError, RecursionError),  # what tarfile lets through for an invalid header
    *(FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError),  # one name twice; a link to nothing
)


class WrongArchive(DataError):
    """An archive that is not what it should be, however often it is read."""


def unpack(packed: Path, into: Path, *, archive: Archive, progress: Reporter) -> None:
    """Unpack a .tar.gz into a new and empty folder, without its own outer folder, modes and owners."""
    limit = f"it holds more than {archive.most_files:,} files or {megabytes(archive.most_bytes)}"
    written = 0
    with (
        _damage_as_wrong_archive(),
        packed.open("rb") as raw,
        _BoundedGzip(fileobj=raw, mode="rb") as stream,
        track_bytes(progress, "unpacking", packed.stat().st_size) as reached,
        tarfile.TarFile(fileobj=stream, mode="r") as members,
    ):
        for count, member in enumerate(members, start=1):
            path = into / _safe(member.name, archive.folder)
            if count > archive.most_files:
                raise WrongArchive(limit)
            if member.isdir():
                path.mkdir(parents=True, exist_ok=True)
            elif member.issym():  # never made: if an image is missing for that, the completeness check says so
                _safe(posixpath.normpath(posixpath.join(posixpath.dirname(member.name), member.linkname)))
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                with _open(members, member, into, archive.folder) as source, path.open("wb") as file:
                    while block := source.read(BLOCK):
                        written += file.write(block)
                        if written > archive.most_bytes:
                            raise WrongArchive(limit)
            reached(raw.tell())
        while stream.read(BLOCK):  # to the end, where the checksum of the whole is
            if stream.tell() > 2 * archive.most_bytes:
                raise WrongArchive(f"it goes on for more than {megabytes(2 * archive.most_bytes)}")
        reached(raw.tell())


def _open(members: tarfile.TarFile, member: tarfile.TarInfo, into: Path, top: str) -> IO[bytes]:
    """Open what a member holds: its own bytes, or those of the earlier file that a hard link names."""
    if member.islnk():
        return (into / _safe(member.linkname, top)).open("rb")
    if member.isreg() and member.size >= 0 and (content := members.extractfile(member)):
        return content
    raise WrongArchive(f"it holds {member.name!r}, which is neither a file nor a folder")


def _safe(name: str, top: str = "") -> PurePosixPath:
    """Return a name, below the outer folder `top` if it begins with that; refuse one that leads out on any system."""
    path, windows = PurePosixPath(name), PureWindowsPath(name)
    if not name or "\0" in name or path.is_absolute() or windows.drive or windows.root or ".." in windows.parts:
        raise WrongArchive(f"it holds {name!r}, which leads out of the folder it is unpacked to")
    return path.relative_to(top) if path.parts[:1] == (top,) else path


class _BoundedGzip(gzip.GzipFile):
    """A gzip stream that refuses to be read in huge pieces."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= LONGEST_HEADER:
            raise WrongArchive("it holds a header of an impossible length")
        return super().read(size)


@contextmanager
def _damage_as_wrong_archive() -> Iterator[None]:
    """Turn the many exceptions that damaged headers and contents cause into one."""
    try:
        yield
    except BROKEN as error:
        raise WrongArchive(f"it is damaged, or not a .tar.gz archive: {type(error).__name__}: {error}") from error
