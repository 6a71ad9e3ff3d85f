"""One commit of a repository in the cache of the Hub's client: whether all of a bundle is there, and undamaged.

The client's cache has the files of a commit in `snapshots/COMMIT/`, an empty file `.no_exist/COMMIT/NAME` for each that
the commit lacks, and the commit that a branch or tag last was in `refs/NAME`. The client writes the last before the
files; here it is written when all of them are there, so that an interrupted download never hides the commit before.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from zoo.bundle.bundle_files import CONFIG, DESCRIBED, FILES, WEIGHTS, read_config
from zoo.errors import ZooError
from zoo.files import write_text
from zoo.hub.cached_file import is_intact
from zoo.hub.download_options import DownloadOptions
from zoo.hub.hub_errors import hub_errors

COMMIT = re.compile(r"[0-9a-f]{40}")


def find_commit(repo: str, options: DownloadOptions) -> Path | None:
    """Return the folder of a repository's commit in the cache, complete or not; None if there is none."""
    from huggingface_hub import try_to_load_from_cache

    with hub_errors(repo, revision=options.revision):
        config = try_to_load_from_cache(repo, CONFIG, cache_dir=options.cache_dir, revision=options.revision)
    return Path(config).parent if isinstance(config, str) else None


def has_every_file(folder: Path) -> bool:
    """Return whether all files of a bundle are there or known to be missing from the commit."""
    absent = folder.parent.parent / ".no_exist" / folder.name
    return all((folder / name).is_file() or (absent / name).exists() for name in FILES)


def first_fault(folder: Path) -> str | None:
    """Return what is wrong with a commit in the cache, as far as can be told without the Hub; None if nothing is."""
    present = [name for name in FILES if (folder / name).exists() or (folder / name).is_symlink()]
    for name in present:
        if not is_intact(folder / name):
            return f"{folder / name} is damaged"
    try:
        config = read_config(folder)
    except ZooError as error:
        return f"{folder / CONFIG}: {error.message}"
    needed = [WEIGHTS, *(f"{key}.json" for key in DESCRIBED if key in config)]
    missing = [name for name in needed if name not in present]
    return f"{folder / missing[0]} is missing" if missing else None


def note_complete(folder: Path, *, revision: str | None, absent: Collection[str]) -> None:
    """Note that a commit is complete: which files it lacks, and that a branch or tag is now this commit.

    Args:
        folder: The commit in the cache.
        revision: The branch, tag or commit that was downloaded; None for the main branch.
        absent: The files of a bundle that the commit lacks.
    """
    repository = folder.parent.parent
    with suppress(OSError):  # a cache that others wrote may be read-only
        for name in absent:
            (marker := repository / ".no_exist" / folder.name / name).parent.mkdir(parents=True, exist_ok=True)
            marker.touch()
        reference = repository / "refs" / (revision or "main")
        if revision != folder.name and _read(reference) != folder.name:
            write_text(reference, folder.name)


def described(folder: Path) -> str:
    """Return the commit with the day on which it was downloaded: "commit 1a2b3c4d, downloaded on 2026-03-01"."""
    day = datetime.fromtimestamp((folder / CONFIG).lstat().st_mtime).astimezone()
    return f"commit {folder.name[:8]}, downloaded on {day:%Y-%m-%d}"


def _read(reference: Path) -> str | None:
    return reference.read_text(encoding="utf-8") if reference.is_file() else None
