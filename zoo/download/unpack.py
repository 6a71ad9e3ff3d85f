"""Unpacking of archives that are not trusted.

Only folders and plain files are created, in a new folder, so it is enough to check names. The `data` filter of
`tarfile` is not sufficient: it is missing before Python 3.10.12 and 3.11.4 (Debian 12 has 3.11.2), creates links, and
limits neither the number of files nor their size.
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
from zoo.text import storage_size

BLOCK = 1 << 20
MAX_HEADER = 1 << 24
"""The longest header accepted: `tarfile` reads a header in one piece, of any length that the archive states."""

BROKEN = (
    *(tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error),
    *(ValueError, LookupError, ArithmeticError, RecursionError),  # raised by tarfile for an invalid header
    *(
        FileExistsError,
        FileNotFoundError,
        IsADirectoryError,
        NotADirectoryError,
    ),  # for a name that occurs twice, or a broken link
)


class WrongArchive(DataError):
    """An archive is damaged, unsafe or not the expected one; reading it again does not help."""


def unpack(packed: Path, into: Path, *, archive: Archive, progress: Reporter) -> None:
    """Unpack a .tar.gz into a new and empty folder, without its own outer folder, modes and owners."""
    limit = f"it contains more than {archive.most_files:,} files or {storage_size(archive.most_bytes)}"
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
            elif member.issym():  # not created; if an image is missing as a result, the completeness check reports it
                _safe(posixpath.normpath(posixpath.join(posixpath.dirname(member.name), member.linkname)))
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                with _open(members, member, into, archive.folder) as source, path.open("wb") as file:
                    while block := source.read(BLOCK):
                        written += file.write(block)
                        if written > archive.most_bytes:
                            raise WrongArchive(limit)
            reached(raw.tell())
        while stream.read(BLOCK):  # to the end, where gzip compares the checksum
            if stream.tell() > 2 * archive.most_bytes:
                raise WrongArchive(f"it unpacks to more than {storage_size(2 * archive.most_bytes)}")
        reached(raw.tell())


def _open(members: tarfile.TarFile, member: tarfile.TarInfo, into: Path, top: str) -> IO[bytes]:
    """Open the contents of a member: its own, or those of the earlier file that a hard link refers to."""
    if member.islnk():
        return (into / _safe(member.linkname, top)).open("rb")
    if member.isreg() and member.size >= 0 and (content := members.extractfile(member)):
        return content
    raise WrongArchive(f"it contains {member.name!r}, which is neither a file nor a folder")


def _safe(name: str, top: str = "") -> PurePosixPath:
    """Return the name of a member, without the outer folder `top`; refuse a name that leads out of the folder."""
    path, windows = PurePosixPath(name), PureWindowsPath(name)
    if not name or "\0" in name or path.is_absolute() or windows.drive or windows.root or ".." in windows.parts:
        raise WrongArchive(f"it contains {name!r}, which leads out of the folder that it is unpacked to")
    return path.relative_to(top) if path.parts[:1] == (top,) else path


class _BoundedGzip(gzip.GzipFile):
    """A gzip stream that refuses to be read in huge pieces."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= MAX_HEADER:
            raise WrongArchive("it contains a header of an invalid length")
        return super().read(size)


@contextmanager
def _damage_as_wrong_archive() -> Iterator[None]:
    """Raise the many exceptions that damaged headers and contents cause as WrongArchive."""
    try:
        yield
    except BROKEN as error:
        raise WrongArchive(f"it is damaged, or not a .tar.gz archive: {type(error).__name__}: {error}") from error
