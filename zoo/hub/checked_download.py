"""Files of one commit on the Hub, each compared with the hash that the Hub states for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.errors import HubError
from zoo.hub.cached_commit import COMMIT
from zoo.hub.cached_file import is_intact
from zoo.hub.download_options import DownloadOptions
from zoo.hub.hub_errors import hub_errors
from zoo.hub.time_limits import answer_limit
from zoo.hub.watched_client import UnreachableError
from zoo.hub.xet_limits import limit_xet


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A commit of a repository, and the hash of each of its files; None where the Hub states none."""

    repo: str
    commit: str
    files: Mapping[str, str | None]

    def download(self, name: str, options: DownloadOptions) -> Path:
        """Return the path in the cache of one file, downloaded if it is not there, or is not the Hub's."""
        return checked_download(self.repo, name, commit=self.commit, stated=self.files[name], options=options)


def list_files(repo: str, options: DownloadOptions) -> Listing:
    """Ask the Hub which commit a revision is, and for the hashes of its files; one request with a time limit."""
    from huggingface_hub import HfApi

    revision = options.revision
    with hub_errors(repo, revision=revision):
        api = HfApi(token=options.token)
        info = api.model_info(repo, revision=revision, timeout=answer_limit(), files_metadata=True)
        files = {file.rfilename: stated_hash(file) for file in info.siblings or ()}
        if info.sha is None or not COMMIT.fullmatch(info.sha):
            raise UnreachableError("the answer is not one of the Hub: it names no commit")
    return Listing(repo=repo, commit=info.sha, files=files)


def stated_hash(file: Any) -> str | None:
    """Return the sha256 that the Hub states for a large file, or the sha1 of git for any other."""
    stated: str | None = file.blob_id if file.lfs is None else file.lfs.sha256
    return stated


def checked_download(repo: str, name: str, *, commit: str, stated: str | None, options: DownloadOptions) -> Path:
    """Return the path in the cache of one file, downloaded if it is not there, or is not the Hub's.

    Args:
        repo: The repository.
        name: The name of the file.
        commit: The commit.
        stated: The hash that the Hub states for the file.
        options: The token and the cache; their revision is not used.
    """
    from huggingface_hub import hf_hub_download, try_to_load_from_cache

    if not isinstance(try_to_load_from_cache(repo, name, cache_dir=options.cache_dir, revision=commit), str):
        limit_xet()  # which takes a moment
    for again in (False, True):
        with hub_errors(repo, revision=commit):
            path = Path(
                hf_hub_download(
                    repo,
                    name,
                    revision=commit,
                    token=options.token,
                    cache_dir=options.cache_dir,
                    force_download=again or options.force_download,
                )
            )
        if path.is_dir() and not path.is_symlink():
            raise HubError(f"{path} is a folder, not a file", where=repo, hint="move it away, then try again")
        if is_intact(path, stated):
            return path
    raise HubError(
        f"{name} arrives damaged: {path} does not have the hash that the Hub states, after a second download too",
        where=repo,
        hint="does a proxy change what is downloaded? try again from another network",
    )
