"""Download a bundle from the Hub."""

from __future__ import annotations

from pathlib import Path

from zoo.bundle.bundle_files import check_unused, copy_bundle
from zoo.errors import HubError
from zoo.hub.download_options import DownloadOptions
from zoo.hub.hub_cache import find_bundle
from zoo.hub.hub_name import check_owner, hub_name
from zoo.progress import Reporter, Silent


def pull(
    repo: str,
    *,
    revision: str | None = None,
    into: Path | None = None,
    token: str | None = None,
    force_download: bool = False,
    progress: Reporter | None = None,
) -> Path:
    """Download a bundle from the Hub and return its folder.

    If the Hub cannot be reached, a copy downloaded earlier is used, with a `CachedCopyWarning`.

    Args:
        repo: The repository, such as `you/dala-breakhis-40x`, with `@` and a revision if you like, or its address.
        revision: A branch, a tag or a commit; by default the newest commit.
        into: A new folder to copy the bundle into. By default the folder in the Hub's cache is returned.
        token: The access token; by default the one of `hf auth login` or `HF_TOKEN`.
        force_download: Download again what was downloaded earlier.
        progress: Receives messages.
    """
    check_owner(repo)
    if into is not None:
        check_unused(into)
    name = hub_name(repo, revision=revision)
    if name is None:
        raise HubError("not a valid repository name", where=repo, hint="a name looks like you/dala-breakhis-40x")
    options = DownloadOptions(revision=name.revision, token=token, force_download=force_download)
    folder = find_bundle(name.repo, options, progress=progress or Silent())
    return folder if into is None else copy_bundle(folder, into)
