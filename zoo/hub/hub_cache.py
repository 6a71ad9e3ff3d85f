"""Files in the cache of the Hub's client: looked up, downloaded, and downloaded again if they are damaged."""

from __future__ import annotations

import re
from pathlib import Path

from zoo.bundle.bundle_files import CONFIG, DESCRIBED, FILES, WEIGHTS, is_bundle, read_config
from zoo.bundle.weights_file import weights_are_intact
from zoo.errors import BundleError, HubError
from zoo.files import sha256 as sha256_of
from zoo.hub.download_options import DownloadOptions
from zoo.hub.hub_errors import UnreachableError, hub_errors
from zoo.progress import Reporter

ANSWER_TIMEOUT = 5.0
"""Seconds to wait for the Hub's first answer about a single file."""
_COMMIT = re.compile(r"[0-9a-f]{40}")


def find_bundle(repo: str, options: DownloadOptions, *, progress: Reporter) -> Path:
    """Return the folder of a bundle: downloaded, or if the Hub cannot be reached, the copy downloaded earlier.

    A commit in the cache is used without a request, since a commit never changes.
    """
    if options.local_files_only:
        return _only_cached(repo, options)
    pinned = options.revision is not None and _COMMIT.fullmatch(options.revision) and not options.force_download
    folder = _cached_bundle(repo, options) if pinned else None
    if folder is not None and _has_described_files(folder):
        return folder
    try:
        return _download_bundle(repo, options, progress=progress)
    except UnreachableError as error:
        earlier = _cached_bundle(repo, options)
        if earlier is None:
            message = f"{error.message}, and the cache has no complete copy"
            raise UnreachableError(message, where=repo, hint=error.hint) from error
        progress.say(f"{repo}: {error.message}; using the copy downloaded earlier")
        return earlier


def _only_cached(repo: str, options: DownloadOptions) -> Path:
    """Return the folder of a bundle in the cache; a HubError if there is none."""
    folder = _cached_bundle(repo, options)
    if folder is None:
        version = "" if options.revision is None else f" of {options.revision}"
        raise HubError(
            f"the cache has no complete copy{version}, and local_files_only is set", where=repo, hint=f"zoo pull {repo}"
        )
    return folder


def _has_described_files(folder: Path) -> bool:
    """Return whether a bundle has the files that its config describes; an interrupted download may lack some."""
    config = read_config(folder)
    return all((folder / f"{key}.json").is_file() for key in DESCRIBED if key in config)


def _cached_bundle(repo: str, options: DownloadOptions) -> Path | None:
    """Return the folder of a bundle in the cache, or None if it is incomplete or damaged."""
    from huggingface_hub import try_to_load_from_cache

    with hub_errors(repo, revision=options.revision):
        config = try_to_load_from_cache(repo, CONFIG, cache_dir=options.cache_dir, revision=options.revision)
    if not isinstance(config, str) or not is_bundle(Path(config).parent):
        return None
    folder = Path(config).parent
    _check_config(folder, repo)
    return folder if weights_are_intact(folder) else None


def _download_bundle(repo: str, options: DownloadOptions, *, progress: Reporter) -> Path:
    """Download the files of a bundle that are not in the cache, and return its folder.

    The config is downloaded first: it shows whether the repository is a bundle at all.
    """
    _check_repository_answers(repo, options)
    config = _download(repo, CONFIG, options)
    if config is None:
        raise BundleError(f"the repository has no {CONFIG}, so it is not a histozoo model", where=repo)
    folder = config.parent
    _check_config(folder, repo)
    if not is_bundle(folder):
        progress.say(f"downloading {repo}")
    # the folder is named after the commit, so that a push in between cannot mix two bundles
    for name in FILES:
        found = _download(repo, name, options.at(folder.name))
        if found is None and name == WEIGHTS:
            raise BundleError(f"the repository has no {WEIGHTS}", where=repo)
    _replace_damaged_weights(folder, repo, options)
    return folder


def fetch_file(repo: str, file: str, *, revision: str, sha256: str | None = None) -> Path:
    """Return the path in the cache of one file of one commit, downloaded if it is not in the cache."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    where = f"{repo}@{revision[:8]}"
    with hub_errors(where, revision=revision):
        try:
            path = Path(hf_hub_download(repo, file, revision=revision, local_files_only=True))
        except LocalEntryNotFoundError:
            _check_file_answers(repo, file, revision=revision)
            path = Path(hf_hub_download(repo, file, revision=revision, etag_timeout=ANSWER_TIMEOUT))
    if sha256 is not None and sha256_of(path) != sha256:
        raise HubError(
            f"{file} is not the file that was published: its sha256 differs",
            where=where,
            hint=f"delete {path} to download it again",
        )
    return path


def _check_repository_answers(repo: str, options: DownloadOptions) -> None:
    """Send one request with a time limit: a download would retry for half a minute before it fails."""
    from huggingface_hub import HfApi, constants

    with hub_errors(repo, revision=options.revision):
        api = HfApi(token=options.token)
        api.model_info(repo, revision=options.revision, timeout=constants.HF_HUB_ETAG_TIMEOUT)


def _check_file_answers(repo: str, file: str, *, revision: str) -> None:
    """Send one request with a time limit, as `_check_repository_answers` does, and raise the Hub's error if any."""
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils import hf_raise_for_status  # type: ignore[attr-defined]

    answer = get_session().head(hf_hub_url(repo, file, revision=revision), timeout=ANSWER_TIMEOUT)
    if answer.is_error:
        hf_raise_for_status(answer)


def _check_config(folder: Path, repo: str) -> None:
    """Raise an error about the repository if the cached config is invalid."""
    try:
        read_config(folder)
    except BundleError as error:
        raise BundleError(error.message, where=repo, hint=error.hint) from error


def _replace_damaged_weights(folder: Path, repo: str, options: DownloadOptions) -> None:
    """Download damaged weights once more, since the client never checks its cache; fail if they are still damaged."""
    if not weights_are_intact(folder):
        _download(repo, WEIGHTS, options.at(folder.name), again=True)
    if not weights_are_intact(folder):
        raise BundleError(
            f"{WEIGHTS} is not the file that {CONFIG} describes: its sha256 differs, on the Hub too",
            where=repo,
            hint="try an earlier revision, and report it to the owner",
        )


def _download(repo: str, name: str, options: DownloadOptions, *, again: bool = False) -> Path | None:
    """Return the path in the cache of one file, downloaded if need be; None if the repository has no such file."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import RemoteEntryNotFoundError

    with hub_errors(repo, revision=options.revision):
        try:
            return Path(
                hf_hub_download(
                    repo,
                    name,
                    revision=options.revision,
                    token=options.token,
                    cache_dir=options.cache_dir,
                    force_download=again or options.force_download,
                )
            )
        except RemoteEntryNotFoundError:
            return None
