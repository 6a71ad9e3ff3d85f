"""`fetch`: download the archive of a data source, compare its checksum, unpack it and check the data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from zoo.data.cache import cache_folder
from zoo.download.checksums import check_unchanged, hash_archive, write_record
from zoo.download.completeness import find_faults
from zoo.download.http_range import OTHER_URL, check_url
from zoo.download.resumable import KEPT, PartialFile, RetryPolicy, download
from zoo.download.unpack import WrongArchive, unpack
from zoo.errors import DataError, UsageError
from zoo.files import atomic_folder
from zoo.locks import locked_in_turn
from zoo.progress import Reporter, Silent
from zoo.spec import Archive, Source


def fetch(
    source: Source,
    *,
    into: Path,
    url: str | None = None,
    keep: bool = False,
    progress: Reporter | None = None,
    retry: RetryPolicy | None = None,
) -> Path:
    """Download a data set and return its folder.

    A folder that exists already is checked, and not downloaded again.

    Args:
        source: The data source.
        into: The folder in which the folder of the data set is created; it can also be that folder itself.
        url: The address of the archive; by default `ZOO_DATA_URL`, or else the address that the source declares.
        keep: Keep the archive next to the folder.
        progress: Shows the progress.
        retry: How often and how long a failed download is tried again.
    """
    if (archive := source.archive) is None:
        hint = f"it is published at {source.home}" if source.home else "`zoo data list` says how to get it"
        raise UsageError(f"the data source {source.name} cannot be downloaded", hint=hint)
    url, progress = check_url(url or os.environ.get("ZOO_DATA_URL") or archive.url), progress or Silent()
    folder = into if into.name == archive.folder else into / archive.folder
    target = folder.parent / PurePosixPath(urlsplit(archive.url).path).name
    partial = PartialFile(target)
    with _download_lock(source, progress), _disk_errors(folder.parent):
        if folder.exists():
            if faults := find_faults(source, archive, folder, progress):
                hint = "move it away and run the same command again, or choose another folder with --into"
                raise DataError(f"exists already, but is not complete:{faults}", where=str(folder), hint=hint)
            progress.say(f"{folder} exists already and is complete: nothing was downloaded")
            return folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        if local := target.is_file():
            progress.say(f"{target} exists already: not downloaded again")
        else:
            download(url, partial, retry=retry or RetryPolicy(), progress=progress)
            if keep:
                partial.path.replace(target)
                partial.discard()
        packed = target if local or keep else partial.path
        try:
            _install(source, archive, packed, folder, url=None if local else url, progress=progress)
        except WrongArchive as error:
            if packed == partial.path:
                partial.discard()  # resuming it would not help
            next_step = f"Delete {packed} and run" if packed.is_file() else "The download was deleted: run"
            hint = f"nothing was unpacked. {next_step} the same command again. {OTHER_URL}"
            raise WrongArchive(error.message, where=str(packed) if local else url, hint=hint) from error
        if packed == partial.path:
            partial.discard()
    return folder


def _install(
    source: Source, archive: Archive, packed: Path, folder: Path, *, url: str | None, progress: Reporter
) -> None:
    """Compare an archive with the first download, unpack it into a new folder, and check the data."""
    record = hash_archive(packed, source=source.name, url=url, progress=progress)
    check_unchanged(record, packed, folder)
    with atomic_folder(folder, locked=True) as part:
        unpack(packed, part, archive=archive, progress=progress)
        if faults := find_faults(source, archive, part, progress):
            raise WrongArchive(f"it is not the complete data set:{faults}")
        write_record(record, folder)


@contextmanager
def _download_lock(source: Source, progress: Reporter) -> Iterator[None]:
    """Hold the lock for downloading a source, after waiting for other processes."""
    lock = cache_folder() / "fetched" / f"{source.name}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with locked_in_turn(
        lock, waiting=lambda: progress.say(f"another process is downloading {source.name}: waiting for it")
    ):
        yield


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    """Raise an OSError in the block, such as that of a full disk, as a DataError that says what to do."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"cannot be written: {error.strerror or error}",
            where=str(error.filename or folder),
            hint=f"free some disk space if the disk is full, or choose another folder with --into. {KEPT}",
        ) from error
