"""The archive on this disk: downloaded by us, or lying there as somebody's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from zoo.data.download.partial_file import Partial
from zoo.data.download.resumable import Patience, download
from zoo.progress import Watcher
from zoo.spec import Archive


@dataclass(frozen=True, kw_only=True)
class Packed:
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


def packed(archive: Archive, folder: Path, url: str, *, keep: bool, patience: Patience, watch: Watcher) -> Packed:
    """The archive of a data set that will lie in `folder`, downloaded if need be."""
    own = folder.parent / PurePosixPath(urlsplit(archive.url).path).name
    if own.is_file():
        watch.say(f"{own} is here already: not downloaded again")
        return Packed(path=own, url=None, ours=None)
    partial = Partial(own)
    if partial.is_whole(url):
        watch.say(f"{partial.path} is here already, and whole: not downloaded again")
    download(url, partial, label=f"downloading {own.name}", patience=patience, watch=watch)
    if keep:
        partial.keep_as(own)
        return Packed(path=own, url=url, ours=None)
    return Packed(path=partial.path, url=url, ours=partial)
