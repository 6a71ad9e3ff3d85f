"""Download a bundle from the Hub."""

from __future__ import annotations

import re
from pathlib import Path

from zoo.bundle.bundle_files import check_unused, copy_bundle
from zoo.hub.hub_cache import cached_bundle, fetch_bundle
from zoo.hub.hub_errors import UnreachableError
from zoo.progress import Reporter, Silent

_COMMIT = re.compile(r"[0-9a-f]{40}")


def pull(
    repo: str,
    *,
    revision: str | None = None,
    into: Path | None = None,
    token: str | None = None,
    progress: Reporter | None = None,
) -> Path:
    """Download a bundle from the Hub and return its folder.

    If the Hub cannot be reached, a copy downloaded earlier is used.

    Args:
        repo: The repository, such as `you/dala-breakhis-40x`.
        revision: A branch, a tag or a commit; by default the newest commit.
        into: A new folder to copy the bundle into. By default the folder in the Hub's cache is returned.
        token: The access token; by default the one of `hf auth login` or `HF_TOKEN`.
        progress: Receives messages.
    """
    if into is not None:
        check_unused(into)
    folder = _cached_commit(repo, revision)
    if folder is None:
        folder = _newest(repo, revision=revision, token=token, progress=progress or Silent())
    return folder if into is None else copy_bundle(folder, into)


def _cached_commit(repo: str, revision: str | None) -> Path | None:
    """Return the cached copy of a commit: a commit never changes, so no request to the Hub is needed."""
    return cached_bundle(repo, revision) if revision and _COMMIT.fullmatch(revision) else None


def _newest(repo: str, *, revision: str | None, token: str | None, progress: Reporter) -> Path:
    """Return the bundle of a branch or tag: the current one, or that of the last download if the Hub is unreachable."""
    try:
        return fetch_bundle(repo, revision=revision, token=token, progress=progress)
    except UnreachableError as error:
        earlier = cached_bundle(repo, revision)
        if earlier is None:
            message = f"{error.message}, and the cache has no complete copy"
            raise UnreachableError(message, where=repo, hint=error.hint) from error
        progress.say(f"{repo}: {error.message}; using the copy downloaded earlier")
        return earlier
