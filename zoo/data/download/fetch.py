"""From a source to its data on this disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zoo.data.cache import cache_folder
from zoo.data.download.archive_file import packed
from zoo.data.download.download_errors import writing
from zoo.data.download.http_request import checked_address
from zoo.data.download.install import install, remove_leftovers
from zoo.data.download.resumable import Patience
from zoo.data.download.whole import as_list, missing_images
from zoo.errors import DataError, UsageError
from zoo.locks import locked_in_turn
from zoo.progress import Reporter, Silent
from zoo.spec import Archive, Source

ADDRESS = "ZOO_DATA_URL"


def fetch(
    source: Source,
    *,
    into: Path,
    address: str | None = None,
    keep: bool = False,
    progress: Reporter | None = None,
    patience: Patience | None = None,
) -> Path:
    """Download, compare, unpack and check a data set; gives the folder it lies in, which is `into` or in it.

    The address is the argument, `ZOO_DATA_URL`, or the source's own. What lies there whole is not fetched again.
    """
    archive = _archive(source)
    url = checked_address(address or os.environ.get(ADDRESS) or archive.url)
    progress = progress or Silent()
    folder = into if into.name == archive.folder else into / archive.folder
    with writing(folder.parent, kept="Nothing has been fetched"):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder, progress):
        if folder.exists():
            _check_present(source, archive, folder, progress)
        else:
            remove_leftovers(folder)
            one = packed(archive, folder, url, keep=keep, patience=patience or Patience(), progress=progress)
            install(source, archive, one, folder, progress)
    return folder


def _archive(source: Source) -> Archive:
    if source.archive is None:
        place = f"it is published at {source.home}" if source.home else "`zoo data list` says how to get it"
        raise UsageError(f"the data source {source.name} is nothing that can be fetched", hint=place)
    return source.archive


@contextmanager
def _alone(folder: Path, progress: Reporter) -> Iterator[None]:
    """One process at a time works on a folder."""
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:20]
    place = cache_folder() / "fetched" / f"{name}.lock"
    with writing(place.parent, kept="ZOO_CACHE may name a folder that can be written"):
        place.parent.mkdir(parents=True, exist_ok=True)
    with locked_in_turn(
        place, waiting=lambda: progress.say(f"another process is fetching into {folder}: waiting for it")
    ):
        yield


def _check_present(source: Source, archive: Archive, folder: Path, progress: Reporter) -> None:
    if wrong := missing_images(source, archive, folder, progress):
        raise DataError(
            f"is here already, and is not the whole data set:{as_list(wrong)}",
            where=str(folder),
            hint="move it away and run the same command again, or give another folder with --into",
        )
    progress.say(f"{folder} is here already, and whole: nothing was fetched")
