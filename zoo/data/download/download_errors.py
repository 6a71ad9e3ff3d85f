"""What can go wrong while fetching."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zoo.errors import DataError

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""A full disk, a used-up quota, a file system that holds no file of this size."""


class WrongArchive(DataError):
    """An archive was read, and is not what it should be: reading it again gives the same."""


class ConnectionLost(Exception):
    """A download stopped before its end; trying again may help."""

    def __init__(self, reason: str, *, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        """Seconds the server asks for."""


class FileChanged(ConnectionLost):
    """The server has another file by now than the one that lies here in part."""

    def __init__(self) -> None:
        super().__init__("the file has changed on the server: beginning anew")


@contextmanager
def writing(folder: Path, *, kept: str) -> Iterator[None]:
    """Tell what the disk says in the words of a person who can make room; `kept` says what is not lost."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DataError(
                f"no room: {error.strerror}",
                where=str(folder),
                hint=f"make room, or give another disk with --into; then run the same command again. {kept}",
            ) from error
        place = error.filename or folder
        raise DataError(f"cannot be written: {error.strerror or error}", where=str(place), hint=kept) from error


def megabytes(count: float) -> str:
    """Bytes for a person."""
    return f"{count / 1e6:,.0f} MB" if count >= 1e7 else f"{count / 1e6:,.3f} MB"
