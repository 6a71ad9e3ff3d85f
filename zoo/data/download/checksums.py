"""The sha256 of the first good download, remembered, and later ones compared with it.

The data sets' owners publish no checksums, so this is all there is to notice a file that has changed.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from zoo.data.cache import cache_folder
from zoo.data.download.tracking import tracked_bytes
from zoo.errors import DataError
from zoo.files import write_json
from zoo.progress import Reporter
from zoo.spec import Source


def record_beside(folder: Path) -> Path:
    """The record next to the data."""
    return folder.with_name(f"{folder.name}.fetched.json")


def record_in_cache(source: Source) -> Path:
    """The record that stays when the data are deleted."""
    return cache_folder() / "fetched" / f"{source.name}.json"


def recorded(folder: Path) -> dict[str, Any] | None:
    """What was recorded of a data set when it was fetched; None where nothing was."""
    return _read(record_beside(folder))


def new_record(source: Source, *, url: str | None, path: Path, progress: Reporter) -> dict[str, Any]:
    """What is worth knowing of a download."""
    return {
        "source": source.name,
        "url": url,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "bytes": path.stat().st_size,
        "sha256": _sha256(path, progress),
    }


def compare(record: dict[str, Any], source: Source, folder: Path, path: Path) -> None:
    """Refuse an archive that is not the one of the first good download."""
    places = [record_in_cache(source), record_beside(folder)]
    known = {place: found for place in places if (found := _read(place)) and found["sha256"] != record["sha256"]}
    if not known:
        return
    earlier = next(iter(known.values()))
    raise DataError(
        f"this archive is not the one of the first good download:\n  now    {_line(record)}\n  first  {_line(earlier)}",
        where=str(path),
        hint="it has changed on the server or on its way, and nothing was unpacked."
        f"\n  To fetch it anew, delete {path} and run the same command again."
        f"\n  To take it as it is, delete {' and '.join(map(str, known))} and run the same command again",
    )


def remember(record: dict[str, Any], source: Source, folder: Path) -> None:
    """Write it next to the data; in the cache the first one stays."""
    write_json(record_beside(folder), record)
    if _read(record_in_cache(source)) is None:
        write_json(record_in_cache(source), record)


def _line(record: dict[str, Any]) -> str:
    origin = record["url"] or "a file that was here"
    return f"sha256 {record['sha256']}, {record['bytes']:,} bytes, {origin}, {record['date']}"


def _sha256(path: Path, progress: Reporter) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file, tracked_bytes(progress, "hashing the archive", path.stat().st_size) as reach:
        while block := file.read(1 << 20):
            digest.update(block)
            reach(file.tell())
    return digest.hexdigest()


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {key: found[key] for key in ("source", "url", "date", "bytes", "sha256")}
    except (OSError, ValueError, KeyError, TypeError):
        return None
