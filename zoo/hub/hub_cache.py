"""A bundle from the Hub: downloaded, checked against the Hub's hashes, or the copy that was downloaded earlier."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.bundle.bundle_files import CONFIG, FILES, WEIGHTS, is_bundle, read_config
from zoo.bundle.weights_file import weights_are_intact
from zoo.errors import BundleError, CachedCopyWarning, HubError
from zoo.hub.cached_commit import COMMIT, described, find_commit, first_fault, has_every_file, note_complete
from zoo.hub.cached_file import is_intact
from zoo.hub.download_options import DownloadOptions
from zoo.hub.hub_errors import hub_errors
from zoo.hub.time_limits import answer_limit
from zoo.hub.watched_client import UnreachableError
from zoo.progress import Reporter


def find_bundle(repo: str, options: DownloadOptions, *, progress: Reporter) -> Path:
    """Return the folder of a bundle: downloaded, or if the Hub cannot be reached, the copy downloaded earlier.

    A commit in the cache is used without a request, since a commit never changes. The use of any other earlier copy is
    a `CachedCopyWarning`.
    """
    if options.local_files_only:
        return _only_cached(repo, options)
    pinned = options.revision is not None and COMMIT.fullmatch(options.revision) and not options.force_download
    folder = find_commit(repo, options) if pinned else None
    if folder is not None and has_every_file(folder) and first_fault(folder) is None:
        return folder
    try:
        return _download_bundle(repo, options, progress=progress)
    except UnreachableError as error:
        return _earlier_copy(error, repo, options)


def _only_cached(repo: str, options: DownloadOptions) -> Path:
    """Return the folder of a bundle in the cache; a HubError if there is no complete one."""
    folder = find_commit(repo, options)
    fault = None if folder is None else first_fault(folder)
    if folder is None or fault:
        version = "" if options.revision is None else f" of {options.revision}"
        problem = f"local_files_only is set, and the cache has no complete copy{version}" + (
            f": {fault}" if fault else ""
        )
        raise HubError(problem, where=repo, hint=f"zoo pull {repo}")
    _check_weights(folder, repo)
    return folder


def _earlier_copy(error: UnreachableError, repo: str, options: DownloadOptions) -> Path:
    """Return the copy of a bundle that was downloaded earlier, with a warning; raise the error if there is none."""
    folder = find_commit(repo, options)
    fault = None if folder is None else first_fault(folder)
    if folder is None or fault:
        problem = "the cache has no complete copy" + (f": {fault}" if fault else "")
        raise UnreachableError(f"{error.message}, and {problem}", where=repo, hint=error.hint) from error
    _check_weights(folder, repo)
    warnings.warn(
        CachedCopyWarning(f"{repo}: {error.message}; using the copy in the cache: {described(folder)}"), stacklevel=2
    )
    return folder


@dataclass(frozen=True, kw_only=True)
class _Listing:
    """A commit of a repository, and the hash of each of its files; None where the Hub states none."""

    commit: str
    files: Mapping[str, str | None]


def _download_bundle(repo: str, options: DownloadOptions, *, progress: Reporter) -> Path:
    """Download the files of a bundle that are not in the cache, and return its folder.

    The config is downloaded first: it shows whether the repository is a bundle at all. Files are asked for by the
    commit, so that a push in between cannot mix two bundles, and the client cannot fall back to an earlier file.
    """
    listing = _list_files(repo, options)
    if CONFIG not in listing.files:
        raise BundleError(f"the repository has no {CONFIG}, so it is not a histozoo model", where=repo)
    folder = _download(repo, CONFIG, listing, options).parent
    _check_config(folder, repo)
    if WEIGHTS not in listing.files:
        raise BundleError(f"the repository has no {WEIGHTS}", where=repo)
    _check_weights_key(folder, repo)
    if not is_bundle(folder):
        progress.say(f"downloading {repo}")
    for name in FILES:
        if name in listing.files:
            _download(repo, name, listing, options)
    _check_weights(folder, repo)
    note_complete(folder, revision=options.revision, absent=[name for name in FILES if name not in listing.files])
    return folder


def _list_files(repo: str, options: DownloadOptions) -> _Listing:
    """Ask the Hub which commit a revision is, and for the hashes of its files; one request with a time limit."""
    from huggingface_hub import HfApi

    revision = options.revision
    with hub_errors(repo, revision=revision):
        api = HfApi(token=options.token)
        info = api.model_info(repo, revision=revision, timeout=answer_limit(), files_metadata=True)
        files = {file.rfilename: _stated_hash(file) for file in info.siblings or ()}
        if info.sha is None or not COMMIT.fullmatch(info.sha):
            raise UnreachableError("the answer is not one of the Hub: it names no commit")
    return _Listing(commit=info.sha, files=files)


def _stated_hash(file: Any) -> str | None:
    """Return the sha256 that the Hub states for a large file, or the sha1 of git for any other."""
    stated: str | None = file.blob_id if file.lfs is None else file.lfs.sha256
    return stated


def _download(repo: str, name: str, listing: _Listing, options: DownloadOptions) -> Path:
    """Return the path in the cache of one file, downloaded if it is not there or not the Hub's."""
    from huggingface_hub import hf_hub_download

    for again in (False, True):
        with hub_errors(repo, revision=listing.commit):
            path = Path(
                hf_hub_download(
                    repo,
                    name,
                    revision=listing.commit,
                    token=options.token,
                    cache_dir=options.cache_dir,
                    force_download=again or options.force_download,
                )
            )
        if path.is_dir() and not path.is_symlink():
            raise HubError(f"{path} is a folder, not a file", where=repo, hint="move it away, then try again")
        if is_intact(path, listing.files[name]):
            return path
    raise HubError(
        f"{name} arrives damaged: {path} does not have the hash that the Hub states, after a second download too",
        where=repo,
        hint="does a proxy change what is downloaded? try again from another network",
    )


def _check_config(folder: Path, repo: str) -> None:
    """Raise an error about the repository if the config, which is as it is on the Hub, is invalid."""
    try:
        read_config(folder)
    except BundleError as error:
        raise BundleError(error.message, where=repo, hint=error.hint) from error


def _check_weights_key(folder: Path, repo: str) -> None:
    """Raise an error about the repository if its config does not say which weights it describes."""
    weights = read_config(folder).get("weights")
    if not isinstance(weights, dict) or not isinstance(weights.get("sha256"), str):
        raise BundleError(
            f"{CONFIG} on the Hub does not state the sha256 of {WEIGHTS}: the key 'weights' is missing or wrong",
            where=repo,
            hint=f"report it to the owner, who can push the model again: {folder / CONFIG}",
        )


def _check_weights(folder: Path, repo: str) -> None:
    """Raise an error about the repository if its config, as it is on the Hub, describes other weights."""
    if not weights_are_intact(folder):
        raise BundleError(
            f"{WEIGHTS} is not the file that {CONFIG} describes: its sha256 differs, on the Hub too",
            where=repo,
            hint="try an earlier revision, and report it to the owner",
        )
