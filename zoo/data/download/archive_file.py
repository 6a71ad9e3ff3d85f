"""The archive on this disk: downloaded by us, or lying there as somebody's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from zoo.data.download.partial_file import Partial
from zoo.data.download.resumable import Patience, download
from zoo.progress import Reporter
from zoo.spec import Archive


@dataclass(frozen=True, kw_only=True)
class ArchiveFile:
    """A whole archive, not yet opened."""

    path: Path
    url: str | None
    """Where it was downloaded from, if we did that."""
    ours: Partial | None
    """Set where the file is only here to be unpacked; one that is kept, or was not brought by us, is not ours."""

    def done_with(self) -> None:
        """Remove what is ours."""
        if self.ours:
            self.ours.discard()


def packed(
    archive: Archive, folder: Path, url: str, *, keep: bool, patience: Patience, progress: Reporter
) -> ArchiveFile:
    """The archive of a data set that will lie in `folder`, downloaded if need be."""
    own = folder.parent / PurePosixPath(urlsplit(archive.url).path).name
    if own.is_file():
        progress.say(f"{own} is here already: not downloaded again")
        return ArchiveFile(path=own, url=None, ours=None)
    partial = Partial(own)
    if partial.is_whole(url):
        progress.say(f"{partial.path} is here already, and whole: not downloaded again")
    download(url, partial, label=f"downloading {own.name}", patience=patience, progress=progress)
    if keep:
        partial.keep_as(own)
        return ArchiveFile(path=own, url=url, ours=None)
    return ArchiveFile(path=partial.path, url=url, ours=partial)
