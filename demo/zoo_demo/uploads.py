"""Uploaded files: the only files that the server reads for a visitor, deleted after a while."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import time

from zoo_demo import limits

_BLOCK = 4096
"""What a file of any size takes at least, and a folder too."""


class Uploads:
    """The files in the folder that Gradio stores uploads in.

    Args:
        folder: The folder. Nothing else is stored in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._visitors: dict[str, str] = {}
        """Who each folder in the folder is from."""

    def contains(self, path: str) -> bool:
        """Return whether a path is in the folder, whether or not there is a file; links are followed."""
        if "\0" in path or not Path(path).is_absolute():
            return False
        try:
            resolved = Path(path).resolve()
        except (OSError, RuntimeError, ValueError):  # such as a name that is too long, or a loop of links
            return False
        return resolved.is_relative_to(self.folder) and resolved != self.folder

    def exists(self, path: str) -> bool:
        """Return whether there is anything with this path in the folder."""
        return self.contains(path) and os.path.lexists(path)

    def store(self, content: bytes, *, name: str, visitor: str = "") -> Path:
        """Write a file into a new folder of its own and return its path.

        Args:
            content: The bytes of the file.
            name: Its name, without folders.
            visitor: Who it is from.
        """
        folder = self.folder / token_hex(16)
        folder.mkdir(mode=0o700)
        self._visitors[folder.name] = visitor
        path = folder / name
        path.write_bytes(content)
        return path

    def find(self, path: str) -> Path | None:
        """Return the uploaded file with this path; None if it is not a regular file in the folder."""
        if not self.contains(path):
            return None
        try:
            is_file = stat.S_ISREG(Path(path).lstat().st_mode)
        except OSError:
            return None
        return Path(path).resolve() if is_file else None

    def size(self, visitor: str | None = None) -> int:
        """Return how many bytes all files take, or those from one visitor."""
        return sum(
            max(entry.st_size, _BLOCK)
            for path, entry in self._entries()
            if visitor is None or self._visitors.get(path.relative_to(self.folder).parts[0]) == visitor
        )

    def delete_old(self, *, seconds: float) -> None:
        """Delete what was uploaded more than some seconds ago. What cannot be deleted does not stop the others."""
        for path, entry in self._entries():
            if time() - entry.st_ctime > seconds:
                with suppress(OSError):
                    if stat.S_ISDIR(entry.st_mode):
                        path.rmdir()  # fails if it is not empty
                        self._visitors.pop(path.name, None)
                    else:
                        path.unlink()

    def _entries(self) -> Iterator[tuple[Path, os.stat_result]]:
        """Yield everything in the folder, the contents of a folder before itself. Links are not followed."""
        for parent, folders, files in os.walk(self.folder, topdown=False):
            for name in (*files, *folders):
                path = Path(parent, name)
                with suppress(OSError):  # deleted in the meantime
                    yield path, path.lstat()


@contextmanager
def upload_folder() -> Iterator[Uploads]:
    """Yield a folder for uploads that only this user can read; old ones are deleted, and all at the end."""
    with TemporaryDirectory(prefix="zoo-demo-", ignore_cleanup_errors=True) as folder:
        uploads = Uploads(Path(folder))
        with _cleaned(uploads):
            yield uploads


@contextmanager
def _cleaned(uploads: Uploads) -> Iterator[None]:
    """Delete old uploads in a thread of its own."""
    ended = Event()

    def clean() -> None:
        while not ended.wait(limits.CHECK_SECONDS):
            uploads.delete_old(seconds=limits.KEEP_SECONDS)

    thread = Thread(target=clean, name="deletion of old uploads", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
