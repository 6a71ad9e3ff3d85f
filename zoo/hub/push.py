"""Push a bundle to the Hub, pull one from it."""

from __future__ import annotations

import re
from pathlib import Path

from zoo.bundle.bundle_files import CONFIG, WEIGHTS, check_unused, copy_bundle, read_config, weights_are_intact
from zoo.errors import BundleError, HubError
from zoo.hub.commit import Remote, card_for, changes, created, existing
from zoo.hub.hub_cache import cached, fetched
from zoo.hub.hub_errors import UnreachableError, hub_errors, not_logged_in
from zoo.progress import Reporter, Silent
from zoo.version import __version__

_COMMIT = re.compile(r"[0-9a-f]{40}")


def push(
    folder: Path,
    repo: str,
    *,
    private: bool = False,
    message: str | None = None,
    token: str | None = None,
    progress: Reporter | None = None,
) -> str:
    """Upload a bundle in one commit and give the commit's address. The repository is made if there is none.

    The folder stays as it is. On the Hub its card names the repository, unless somebody edited the card here or
    there: then it stays as that person left it.
    """
    from huggingface_hub import HfApi, get_token

    entry = read_config(folder).get("entry")
    if not weights_are_intact(folder):
        raise BundleError(f"{WEIGHTS} is missing, or not the file that {CONFIG} describes", where=str(folder))
    card = card_for(folder, repo)
    with hub_errors(repo):
        api = HfApi(token=token or get_token(), library_name="histozoo", library_version=__version__)
    if not api.token:
        raise not_logged_in(repo)
    remote = existing(api, repo) or created(api, repo, private=private)
    _check_privacy(remote, private=private)
    operations = changes(api, remote, folder, card, progress=progress or Silent())
    with hub_errors(repo):
        commit = api.create_commit(
            repo,
            operations,
            commit_message=message or f"{entry}, by histozoo {__version__}",
            parent_commit=remote.commit,
        )
    return str(commit.commit_url)


def _check_privacy(remote: Remote, *, private: bool) -> None:
    """What was asked to be private never lands in the open."""
    if private and not remote.private:
        raise HubError(
            "the repository exists already and is public",
            where=remote.repo,
            hint="choose another name, make it private in its settings, or push without hub_errors for private",
        )


def pull(
    repo: str,
    *,
    revision: str | None = None,
    into: Path | None = None,
    offline: bool = False,
    token: str | None = None,
    progress: Reporter | None = None,
) -> Path:
    """Fetch a bundle and give its folder: one in the cache, or `into`, which must be new and appears whole.

    A copy fetched earlier serves where the Hub cannot be reached.
    """
    if into is not None:
        check_unused(into)
    folder = _pinned(repo, revision)
    if folder is None:
        folder = _latest(repo, revision=revision, offline=offline, token=token, progress=progress or Silent())
    return folder if into is None else copy_bundle(folder, into)


def _pinned(repo: str, revision: str | None) -> Path | None:
    """A commit never changes: one that is here needs no network."""
    return cached(repo, revision) if revision and _COMMIT.fullmatch(revision) else None


def _latest(repo: str, *, revision: str | None, offline: bool, token: str | None, progress: Reporter) -> Path:
    try:
        if offline:
            raise UnreachableError("told to stay offline", where=repo, hint="fetch it once with the network")
        return fetched(repo, revision=revision, token=token, progress=progress)
    except UnreachableError as error:
        earlier = cached(repo, revision)
        if earlier is None:
            message = f"{error.message}, and no whole copy of it lies in the cache"
            raise UnreachableError(message, where=repo, hint=error.hint) from error
        progress.say(f"{repo}: {error.message}; using the copy fetched earlier")
        return earlier
