"""Downloading one file in as many tries as it takes, each going on where the last one ended."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass

from zoo.data.download.download_errors import ConnectionLost, FileChanged, megabytes, writing
from zoo.data.download.http_request import Answer, ask
from zoo.data.download.partial_file import Partial
from zoo.data.download.tracking import tracked_bytes
from zoo.errors import DataError
from zoo.progress import Reporter

BLOCK = 1 << 18
HEAD = 512
MAGIC = b"\x1f\x8b"
"""A gzip file begins so."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a download is tried."""

    timeout: float = 60.0
    """Seconds without a byte after which a connection is given up."""
    tries: int = 6
    """Tries in a row that bring nothing new."""
    wait: float = 1.0
    """Seconds before the second try; twice as long before each one after."""


def download(url: str, partial: Partial, *, label: str, patience: Patience, progress: Reporter) -> None:
    """Bring all of a file to `partial`, going on with what lies there already."""
    furthest, fruitless = partial.size if partial.identity(url) else 0, 0
    while not partial.is_whole(url):
        try:
            _try(url, partial, label=label, patience=patience, progress=progress)
        except ConnectionLost as error:
            if isinstance(error, FileChanged):
                partial.discard()
            fruitless = 0 if partial.size > furthest else fruitless + 1
            furthest = max(furthest, partial.size)
            if fruitless >= patience.tries:
                raise _given_up(error, url, partial, fruitless) from error
            wait = max(patience.wait * 2 ** max(fruitless - 1, 0), error.wait)
            progress.say(f"{error.reason}; trying again in {wait:g} s")
            time.sleep(wait)


def _try(url: str, partial: Partial, *, label: str, patience: Patience, progress: Reporter) -> None:
    have, size = partial.identity(url), partial.size
    answer = ask(url, have=have, size=size, timeout=patience.timeout)
    with answer.response:
        if answer.start and not (have and answer.identity.agrees(have) and answer.start == size):
            raise FileChanged
        if not answer.start:
            _begin(answer, partial, progress, discarded=size)
        elif size:
            progress.say(f"going on after the {megabytes(size)} that are here already")
        _receive(answer, partial, label, progress)


def _begin(answer: Answer, partial: Partial, progress: Reporter, *, discarded: int) -> None:
    """The first bytes show whether this is an archive at all; until then nothing that lies here is touched."""
    head = b""
    while len(head) < HEAD and (block := answer.read(HEAD - len(head))):
        head += block
    if not head.startswith(MAGIC):
        if answer.identity.length and len(head) < min(HEAD, answer.identity.length):
            raise ConnectionLost("the connection was cut off")
        raise _not_an_archive(answer, head)
    if discarded:
        progress.say(
            f"beginning anew: the {megabytes(discarded)} that were here are of another file, or the server cannot go on"
            " in the middle of one"
        )
    _check_room(answer.identity.length, partial)
    with writing(partial.path.parent, kept=""):
        partial.begin(answer.identity)
        partial.path.write_bytes(head)


def _receive(answer: Answer, partial: Partial, label: str, progress: Reporter) -> None:
    start, length = partial.size, answer.identity.length
    with (
        writing(partial.path.parent, kept=_kept(partial)),
        partial.path.open("ab") as file,
        tracked_bytes(progress, label, length - start if length else None) as reach,
    ):
        done = start
        while block := answer.read(BLOCK):
            file.write(block)
            done += len(block)
            reach(done - start)
    if length and done < length:
        raise ConnectionLost(f"the connection was cut off at {megabytes(done)} of {megabytes(length)}")
    partial.finish(answer.identity)


def _check_room(length: int | None, partial: Partial) -> None:
    """ArchiveFile images hardly shrink: twice the archive has to fit while it is unpacked."""
    free = shutil.disk_usage(partial.path.parent).free + partial.size
    if length and free < 2 * length:
        raise DataError(
            f"no room: {megabytes(free)} are free, and the archive of {megabytes(length)} and what it unpacks to need"
            f" at least {megabytes(2 * length)}",
            where=str(partial.path.parent),
            hint="make room, or give another disk with --into",
        )


def _kept(partial: Partial) -> str:
    return f"What has come so far is kept in {partial.path}, and the download goes on from there"


def _given_up(error: ConnectionLost, url: str, partial: Partial, tries: int) -> DataError:
    kept = f"{_kept(partial)} when you run the same command again" if partial.size else "nothing has been written"
    return DataError(
        f"the download was given up after {tries} tries that brought nothing new; the last one: {error.reason}",
        where=url,
        hint=f"{kept}.\n  Another address can be given with --url or ZOO_DATA_URL",
    )


def _not_an_archive(answer: Answer, head: bytes) -> DataError:
    begins = head[:40].decode("utf-8", errors="replace").split("\n")[0].strip()
    what = f"it is {answer.kind} and begins with {begins!r}" if head else "it is empty"
    return DataError(
        f"the server sent something that is not a .tar.gz archive: {what}",
        where=answer.identity.url,
        hint="open the address in a browser: the file may have moved, or a network may ask you to log in."
        "\n  Another address can be given with --url or ZOO_DATA_URL. Nothing that was here has been touched",
    )
