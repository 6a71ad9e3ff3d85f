"""The sha256 of the first good download, with which later downloads are compared.

The owners of the data sets publish no checksums, so this is the only way to detect that an archive has changed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

from zoo.data.cache import cache_folder
from zoo.errors import DataError
from zoo.files import write_json
from zoo.progress import Reporter, track_bytes


@dataclass(frozen=True, kw_only=True)
class DownloadRecord:
    """The archive from which a data set was unpacked; `url` is None for a file that was not downloaded."""

    source: str
    url: str | None
    date: str
    bytes: int
    sha256: str

    def __str__(self) -> str:
        return f"sha256 {self.sha256}, {self.bytes:,} bytes, {self.url or 'a local file'}, {self.date}"


def hash_archive(archive: Path, *, source: str, url: str | None, progress: Reporter) -> DownloadRecord:
    """Hash an archive and return its record."""
    digest, size = hashlib.sha256(), archive.stat().st_size
    with archive.open("rb") as file, track_bytes(progress, "hashing the archive", size) as reached:
        while block := file.read(1 << 20):
            digest.update(block)
            reached(file.tell())
    date = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return DownloadRecord(source=source, url=url, date=date, bytes=size, sha256=digest.hexdigest())


def check_unchanged(record: DownloadRecord, archive: Path, folder: Path) -> None:
    """Raise an error if an archive differs from the one of the first good download."""
    paths = (record_in_cache(record.source), record_path(folder))
    differing = {path: first for path in paths if (first := read_record(path)) and first.sha256 != record.sha256}
    if differing:
        raise DataError(
            f"this archive differs from the first good download:\n  now    {record}"
            f"\n  first  {next(iter(differing.values()))}",
            where=str(archive),
            hint=f"nothing was unpacked. To download it again, delete {archive} and run the same command again.\n  To"
            f" accept the change, delete {' and '.join(map(str, differing))} and run the same command again",
        )


def write_record(record: DownloadRecord, folder: Path) -> None:
    """Write a record next to the data, and into the cache if it is the first one of its source."""
    write_json(record_path(folder), asdict(record))
    if read_record(record_in_cache(record.source)) is None:
        write_json(record_in_cache(record.source), asdict(record))


def record_path(folder: Path) -> Path:
    """Return the path of the record next to the folder of a data set."""
    return folder.with_name(f"{folder.name}.fetched.json")


def record_in_cache(source: str) -> Path:
    """Return the path of the first record of a source, which is kept when the data are deleted."""
    return cache_folder() / "fetched" / f"{source}.json"


def read_record(path: Path) -> DownloadRecord | None:
    """Return the record in a file; None if there is no valid record."""
    try:
        return DownloadRecord(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
