"""A bundle from the Hub: downloaded, checked against the Hub's hashes, or the copy that was downloaded earlier."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

from zoo.bundle.bundle_files import CONFIG, FILES, WEIGHTS, ForeignConfigError, is_bundle, read_config
from zoo.bundle.weights_file import weights_are_intact
from zoo.errors import BundleError, CachedCopyWarning, HubError
from zoo.hub.cached_commit import COMMIT, described, find_commit, first_fault, has_every_file, note_complete
from zoo.hub.cached_file import is_intact
from zoo.hub.checked_download import list_files
from zoo.hub.download_options import DownloadOptions
from zoo.hub.watched_client import UnreachableError
from zoo.progress import Reporter

# Python shows the same warning of the same line once, and this one is about each call; filters of the user come first
warnings.simplefilter("always", CachedCopyWarning, append=True)


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
        if options.force_download:
            raise
        return _earlier_copy(error, repo, options)


def _only_cached(repo: str, options: DownloadOptions) -> Path:
    """Return the folder of a bundle in the cache; a HubError if there is no complete one."""
    folder, fault = _in_cache(repo, options)
    if folder is None or fault:
        version = "" if options.revision is None else f" of {options.revision}"
        problem = f"local_files_only is set, and the cache has no complete copy{version}" + (
            f": {fault}" if fault else ""
        )
        raise HubError(problem, where=repo, hint=f"zoo pull {repo}")
    _check_weights(folder, repo)
    return folder


def _in_cache(repo: str, options: DownloadOptions) -> tuple[Path | None, str | None]:
    """Return the folder of a bundle in the cache, if there is one, and what is wrong with it, if anything is."""
    folder = find_commit(repo, options)
    if folder is None:
        return None, None
    try:
        read_config(folder)
    except ForeignConfigError as error:
        raise type(error)(error.message, where=repo, hint=error.hint) from error
    except BundleError:
        pass  # the fault below says more
    return folder, first_fault(folder)


def _earlier_copy(error: UnreachableError, repo: str, options: DownloadOptions) -> Path:
    """Return the copy of a bundle that was downloaded earlier, with a warning; raise the error if there is none."""
    folder, fault = _in_cache(repo, options)
    if folder is None or fault:
        problem = "the cache has no complete copy" + (f": {fault}" if fault else "")
        raise UnreachableError(f"{error.message}, and {problem}", where=repo, hint=error.hint) from error
    _check_weights(folder, repo)
    _warn_of_earlier_copy(error, repo, folder)
    return folder


def _warn_of_earlier_copy(error: UnreachableError, repo: str, folder: Path) -> None:
    """Warn that a copy downloaded earlier is used."""
    warnings.warn(
        CachedCopyWarning(f"{repo}: {error.message}; using the copy in the cache: {described(folder)}"), stacklevel=3
    )


def _download_bundle(repo: str, options: DownloadOptions, *, progress: Reporter) -> Path:
    """Download the files of a bundle that are not in the cache, and return its folder.

    The config is downloaded first: it shows whether the repository is a bundle at all. Files are asked for by the
    commit, so that a push in between cannot mix two bundles, and the client cannot fall back to an earlier file.
    """
    listing = list_files(repo, options)
    if CONFIG not in listing.files:
        raise BundleError(f"the repository has no {CONFIG}, so it is not a histozoo model", where=repo)
    folder = listing.download(CONFIG, options).parent
    _check_config(folder, repo)
    if WEIGHTS not in listing.files:
        raise BundleError(f"the repository has no {WEIGHTS}", where=repo)
    _check_weights_key(folder, repo)
    if not is_bundle(folder):
        progress.say(f"downloading {repo}")
    for name in FILES:
        if name in listing.files:
            listing.download(name, options)
    _check_weights(folder, repo)
    note_complete(folder, revision=options.revision, absent=[name for name in FILES if name not in listing.files])
    return folder


def find_files(repo: str, names: Sequence[str], options: DownloadOptions) -> Path:
    """Return the folder with some files of a repository that need not be a bundle, downloaded if need be.

    Args:
        repo: The repository.
        names: The files, of which config.json is one.
        options: How they are downloaded.
    """
    try:
        if options.local_files_only:
            raise UnreachableError("local_files_only is set", where=repo, hint="leave it out to reach the Hub")
        listing = list_files(repo, options)
    except UnreachableError as error:
        folder = find_commit(repo, options)
        if folder is None or not all(is_intact(folder / name) for name in names):
            problem = f"{error.message}, and the cache has no complete copy"
            raise UnreachableError(problem, where=repo, hint=error.hint) from error
        if not options.local_files_only:
            _warn_of_earlier_copy(error, repo, folder)
        return folder
    for name in names:
        if name not in listing.files:
            raise BundleError(f"the repository has no {name}", where=repo)
        path = listing.download(name, options)
    note_complete(path.parent, revision=options.revision, absent=())
    return path.parent


def _check_config(folder: Path, repo: str) -> None:
    """Raise an error about the repository if the config, which is as it is on the Hub, is invalid."""
    try:
        read_config(folder)
    except BundleError as error:
        raise type(error)(error.message, where=repo, hint=error.hint) from error


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
