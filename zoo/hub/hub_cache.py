"""A bundle in the cache of the Hub's client: what is there, and what has to come."""

from __future__ import annotations

from pathlib import Path

from zoo.bundle.bundle_files import CONFIG, FILES, WEIGHTS, is_bundle, read_config, weights_are_intact
from zoo.errors import BundleError
from zoo.hub.hub_errors import hub_errors
from zoo.progress import Reporter


def cached(repo: str, revision: str | None) -> Path | None:
    """The copy of an earlier pull, if all of it is here and undamaged."""
    from huggingface_hub import try_to_load_from_cache

    with hub_errors(repo, revision=revision):
        config = try_to_load_from_cache(repo, CONFIG, revision=revision)
    if not isinstance(config, str) or not is_bundle(Path(config).parent):
        return None
    folder = Path(config).parent
    _check_kind(folder, repo)
    return folder if weights_are_intact(folder) else None


def fetched(repo: str, *, revision: str | None, token: str | None, progress: Reporter) -> Path:
    """All files of one commit. The config comes first: it tells whether the rest is wanted."""
    _knock(repo, revision=revision, token=token)
    config = _file(repo, CONFIG, revision=revision, token=token)
    if config is None:
        raise BundleError(f"the repository has no {CONFIG}, so it is not a histozoo model", where=repo)
    folder = config.parent
    _check_kind(folder, repo)
    if not is_bundle(folder):
        progress.say(f"fetching {repo}")
    # the folder is named after the commit, so that a push in between cannot mix two bundles
    for name in FILES:
        found = _file(repo, name, revision=folder.name, token=token)
        if found is None and name == WEIGHTS:
            raise BundleError(f"the repository has no {WEIGHTS}", where=repo)
    _mend(folder, repo, token=token)
    return folder


def _knock(repo: str, *, revision: str | None, token: str | None) -> None:
    """Ask once, with a time limit: a download tries for half a minute before it says that nobody is there."""
    from huggingface_hub import HfApi, constants

    with hub_errors(repo, revision=revision):
        HfApi(token=token).model_info(repo, revision=revision, timeout=constants.HF_HUB_ETAG_TIMEOUT)


def _check_kind(folder: Path, repo: str) -> None:
    try:
        read_config(folder)
    except BundleError as error:
        raise BundleError(error.message, where=repo, hint=error.hint) from error


def _mend(folder: Path, repo: str, *, token: str | None) -> None:
    """The cache trusts what it holds: fetch damaged weights once more, and refuse them if they stay so."""
    if not weights_are_intact(folder):
        _file(repo, WEIGHTS, revision=folder.name, token=token, again=True)
    if not weights_are_intact(folder):
        raise BundleError(
            f"{WEIGHTS} is not the file that {CONFIG} describes: its sha256 differs, on the Hub too",
            where=repo,
            hint="try an earlier revision, and tell the owner",
        )


def _file(repo: str, name: str, *, revision: str | None, token: str | None, again: bool = False) -> Path | None:
    """One file in the cache, fetched if need be; None where the repository has none of that name."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import RemoteEntryNotFoundError

    with hub_errors(repo, revision=revision):
        try:
            return Path(hf_hub_download(repo, name, revision=revision, token=token, force_download=again))
        except RemoteEntryNotFoundError:
            return None
