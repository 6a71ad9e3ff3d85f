"""The download of a file in several tries; each resumes where the last one ended, also in a new process.

No maintained package does this safely. With the faulty server of the tests, pooch and pypdl started again from zero;
`huggingface_hub.file_download.http_get` (not public) and resumable-urlretrieve resumed, but joined two versions of a
file that had changed on the server, and failed at the first error 500.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import asdict, dataclass, replace
from http.client import HTTPResponse
from pathlib import Path

from zoo.download.http_range import OTHER_URL, ConnectionLost, FileChanged, FileVersion, read_some, request_file
from zoo.errors import DataError
from zoo.files import write_json
from zoo.progress import Reporter, track_bytes
from zoo.text import storage_size

BLOCK = 1 << 18
HEAD = 512
GZIP_MAGIC = b"\x1f\x8b"
KEPT = "What was downloaded so far is kept: run the same command again to resume"


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How often a failed download is tried again, and after how long."""

    timeout: float = 60.0
    """How many seconds to wait for the next byte before a try fails."""
    tries: int = 6
    """How many tries in a row may fail without a new byte."""
    wait: float = 1.0
    """How many seconds to wait before the second try; doubled before each later try."""


class PartialFile:
    """A partly downloaded file: `NAME.part`, and `NAME.part.json` with the version of the file on the server."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f"{target.name}.part")
        self._version_file = target.with_name(f"{target.name}.part.json")

    @property
    def size(self) -> int:
        """How many bytes are downloaded."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def version(self, url: str) -> FileVersion | None:
        """Return the version of the downloaded bytes; None if it is unknown, or they are from another address."""
        try:
            version = FileVersion(**json.loads(self._version_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return version if version.url == url and self.path.is_file() else None

    def is_complete(self, url: str) -> bool:
        """Return whether the file at this address is completely downloaded."""
        return (version := self.version(url)) is not None and version.length == self.size

    def start(self, version: FileVersion, head: bytes) -> None:
        """Replace the downloaded bytes by the first bytes of a version; a crash never mixes two versions."""
        self._version_file.unlink(missing_ok=True)
        self.path.write_bytes(b"")
        write_json(self._version_file, asdict(version))
        self.path.write_bytes(head)

    def finish(self, version: FileVersion) -> None:
        """Mark the downloaded bytes as the complete file, even if the server stated no length."""
        write_json(self._version_file, asdict(replace(version, length=self.size)))

    def discard(self) -> None:
        """Delete the downloaded bytes."""
        self._version_file.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)


def download(url: str, partial: PartialFile, *, retry: RetryPolicy, progress: Reporter) -> None:
    """Download the missing part of a .tar.gz file."""
    if partial.is_complete(url):
        progress.say(f"{partial.path} exists already and is complete: not downloaded again")
    largest, failures = partial.size if partial.version(url) else 0, 0
    while not partial.is_complete(url):
        try:
            _download_once(url, partial, timeout=retry.timeout, progress=progress)
        except ConnectionLost as error:
            if isinstance(error, FileChanged):
                partial.discard()
            failures = 0 if partial.size > largest else failures + 1
            largest = max(largest, partial.size)
            if failures >= retry.tries:
                reason = f"the download failed {failures} times in a row without progress; the last error: {error}"
                kept = KEPT if partial.size else "Nothing was downloaded"
                raise DataError(reason, where=url, hint=f"{kept}.\n  {OTHER_URL}") from error
            wait = max(retry.wait * 2 ** max(failures - 1, 0), error.wait)
            progress.say(f"{error}; trying again in {wait:g} s")
            time.sleep(wait)


def _download_once(url: str, partial: PartialFile, *, timeout: float, progress: Reporter) -> None:
    """Try once to download the missing part; raise a ConnectionLost if the connection ends early."""
    known, size = partial.version(url), partial.size
    response, version, start = request_file(url, known=known, size=size, timeout=timeout)
    with response:
        if start == 0:
            head = _archive_head(response, version)
            if size:
                why = "the file has changed or the server cannot resume"
                progress.say(f"starting again: {why}; {storage_size(size)} are discarded")
            _check_disk_space(partial.path.parent, version.length, freed=size)
            partial.start(version, head)
        elif known and start == size and version.may_equal(known):
            progress.say(f"resuming after {storage_size(size)}")
        else:
            raise FileChanged("the file has changed on the server")
        start, total = partial.size, version.length
        label, missing = f"downloading {partial.path.stem}", total - start if total else None
        with partial.path.open("ab") as file, track_bytes(progress, label, missing) as reached:
            while block := read_some(response, BLOCK):
                file.write(block)
                file.flush()  # a killed process keeps what has arrived: Python 3.14 collects 128 KiB before it writes
                reached(file.tell() - start)
    if total and partial.size < total:
        raise ConnectionLost(f"the connection was closed at {storage_size(partial.size)} of {storage_size(total)}")
    partial.finish(version)


def _archive_head(response: HTTPResponse, version: FileVersion) -> bytes:
    """Return the first bytes of a response; raise an error if they are not those of a .tar.gz file."""
    head = b""
    while len(head) < HEAD and (block := read_some(response, HEAD - len(head))):
        head += block
    if head.startswith(GZIP_MAGIC):
        return head
    if version.length and len(head) < min(HEAD, version.length):
        raise ConnectionLost("the connection was closed early")
    line = head[:40].decode("utf-8", errors="replace").split("\n")[0].strip()
    content = (
        f"it has the type {response.headers.get_content_type()} and begins with {line!r}" if head else "it is empty"
    )
    raise DataError(
        f"the server sent something other than a .tar.gz archive: {content}",
        where=version.url,
        hint=f"open the address in a browser: the file may have moved, or you may have to log in.\n  {OTHER_URL}",
    )


def _check_disk_space(folder: Path, length: int | None, *, freed: int) -> None:
    """Raise an error if the disk has no space for the archive and its contents."""
    free = shutil.disk_usage(folder).free + freed
    needed = 2 * (length or 0)  # the archive and its contents, since compressed images hardly shrink
    if free < needed:
        message = (
            f"not enough disk space: at least {storage_size(needed)} are needed, and {storage_size(free)} are free"
        )
        raise DataError(message, where=str(folder), hint="free some disk space, or choose another disk with --into")
