"""Unpacking an archive that nobody here has made, without trusting it.

The checks are our own, since early releases of Python 3.10 lack `tarfile`'s filters, and they are stricter: only
folders and plain files are ever made, in a folder that is new, so that no name can lead through a link elsewhere.
"""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from zoo.data.download.download_errors import WrongArchive, megabytes
from zoo.data.download.tracking import tracked_bytes
from zoo.progress import Reporter

BLOCK = 1 << 20
LARGEST_READ = 1 << 24
"""`tarfile` takes the length of a long name or an extended header on trust, and reads it in one piece."""

BROKEN = (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error)
MALFORMED = (ValueError, LookupError, ArithmeticError, RecursionError)
"""What `tarfile` lets through when a header is nonsense."""
TWO_IN_ONE_PLACE = (FileExistsError, IsADirectoryError, NotADirectoryError)


def unpack(packed: Path, into: Path, *, most_files: int, most_bytes: int, progress: Reporter) -> None:
    """Unpack a .tar.gz into a folder that is new and empty. Modes and owners are not taken over."""
    with (
        _told(),
        packed.open("rb") as raw,
        _Stream(fileobj=raw, mode="rb") as stream,
        tracked_bytes(progress, "unpacking", packed.stat().st_size) as reach,
    ):
        with tarfile.TarFile(fileobj=stream, mode="r") as archive:
            total = 0
            for count, member in enumerate(archive, start=1):
                total += _weight(member, into)
                if count > most_files or total > most_bytes:
                    raise WrongArchive(f"it holds more than {most_files:,} files or {megabytes(most_bytes)}")
                _make(archive, member, into)
                reach(raw.tell())
        _drain(stream, most_bytes)
        reach(raw.tell())


def _weight(member: tarfile.TarInfo, into: Path) -> int:
    """The bytes a member will take here. A hard link becomes a copy of what it names."""
    if member.size < 0:
        raise WrongArchive(f"it holds {member.name!r}, which has a length below nothing")
    if not member.islnk():
        return member.size
    path = into / inside(member.linkname)
    if not path.is_file():
        raise WrongArchive(f"it holds {member.name!r}, a link to {member.linkname!r}, which does not come before it")
    return path.stat().st_size


def _make(archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    path = into / inside(member.name)
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if member.islnk():
        shutil.copyfile(into / inside(member.linkname), path)
    elif member.issym():
        # one that stays inside is left out: whether an image is missing for that, the check of the set will say
        inside(member.linkname, seen_from=PurePosixPath(member.name).parent)
    elif not member.isreg() or (source := archive.extractfile(member)) is None:
        raise WrongArchive(f"it holds {member.name!r}, which is neither a file nor a folder")
    else:
        with source, path.open("wb") as file:
            shutil.copyfileobj(source, file, BLOCK)


def inside(name: str, *, seen_from: PurePosixPath | None = None) -> PurePosixPath:
    """A name that stays below the folder on every system. What a link names may climb, if it comes back."""
    path, windows = PurePosixPath(name), PureWindowsPath(name)
    rooted = not name or "\0" in name or path.is_absolute() or windows.drive or windows.root
    depth = len(seen_from.parts) if seen_from else 0
    climbs = seen_from is None and (".." in path.parts or ".." in windows.parts)
    for part in path.parts:
        depth += -1 if part == ".." else 1
        climbs = climbs or depth < 0
    if rooted or climbs:
        raise WrongArchive(f"it holds {name!r}, which leads out of the folder it is unpacked to")
    return path


def _drain(stream: gzip.GzipFile, most_bytes: int) -> None:
    """Read to the end, where the checksum of the whole stands."""
    while stream.read(BLOCK):
        if stream.tell() > 2 * most_bytes:
            raise WrongArchive(f"it goes on for more than {megabytes(2 * most_bytes)}")


class _Stream(gzip.GzipFile):
    """What is packed, in pieces of a sound size."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= LARGEST_READ:
            raise WrongArchive("it holds a header of an absurd length")
        return super().read(size)


@contextmanager
def _told() -> Iterator[None]:
    """Whatever a damaged archive makes of its readers is one error."""
    try:
        yield
    except BROKEN as error:
        raise WrongArchive(f"it is damaged, or not a .tar.gz archive: {error}") from error
    except MALFORMED as error:
        raise WrongArchive(f"it holds a header that makes no sense: {type(error).__name__}: {error}") from error
    except TWO_IN_ONE_PLACE as error:
        raise WrongArchive(f"it holds a file and a folder of one name: {Path(error.filename).name!r}") from error
