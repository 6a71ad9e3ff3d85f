"""Upload a bundle to the Hub."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import CONFIG, FILES, WEIGHTS
from zoo.bundle.bundle_metrics import bundle_metrics
from zoo.bundle.card.licenses import check_license
from zoo.bundle.weights_file import weights_are_intact
from zoo.errors import BundleError, HubError, UsageError
from zoo.hub.cached_commit import COMMIT
from zoo.hub.commit import bundle_paths, commit_operations
from zoo.hub.hub_errors import hub_errors, not_logged_in
from zoo.hub.hub_name import HubName, check_owner, hub_name
from zoo.hub.push_plan import PushPlan, push_plan
from zoo.hub.pushed_card import pushed_card
from zoo.hub.repository import Remote, create_repository, find_repository, make_private
from zoo.hub.send_commit import send_commit
from zoo.hub.transfer_bars import bars_only_in_a_terminal
from zoo.progress import Reporter, Silent
from zoo.text import storage_size
from zoo.version import __version__

if TYPE_CHECKING:
    from huggingface_hub import HfApi

LARGE = 10_000_000
"""Uploads of at least this many bytes are announced."""


def push(
    folder: Path,
    repo: str,
    *,
    private: bool = False,
    revision: str | None = None,
    tag: str | None = None,
    create_pr: bool = False,
    license: str | None = None,  # noqa: A002
    new_card: bool = False,
    message: str | None = None,
    token: str | None = None,
    progress: Reporter | None = None,
) -> str:
    """Upload a bundle to the Hub in one commit and return its URL; with `create_pr`, that of the pull request.

    The folder is not changed. On the Hub the model card names the repository; what a person wrote in it is kept, and
    the results and the metadata that histozoo writes are those of this bundle.

    Args:
        folder: The bundle.
        repo: The repository, such as `you/dala-breakhis-40x`, or its address. It is created if it does not exist.
        private: Create a private repository. An existing public one is then refused, unless it is empty.
        revision: The branch, which is created from the main branch if it does not exist; by default the main branch.
        tag: A name for this version, which is then a `revision` of the repository. A tag is never moved.
        create_pr: Open a pull request instead of changing the branch, in someone else's repository.
        license: The Hub's name of the license of the model, such as `apache-2.0`; by default the one that the card
            states, or that of the initial weights.
        new_card: Rewrite the whole card. What a person wrote in it is then in earlier commits only.
        message: The commit message.
        token: The access token; by default the one of `hf auth login` or `HF_TOKEN`.
        progress: Receives messages.
    """
    target = push_target(repo, revision)
    repo, revision = target.repo, target.revision
    license_id = _check(folder, revision=revision, tag=tag, create_pr=create_pr, license_name=license)
    progress = progress or Silent()
    api = client(repo, token)
    remote = find_repository(api, repo, revision=revision)
    if remote is not None:
        _check_privacy(remote, private=private)
    card = pushed_card(api, remote, folder, repo, revision=revision, license_id=license_id, new_card=new_card)
    if tag is not None and remote is not None:
        _check_tag(api, repo, tag)
    if created := remote is None:
        remote = create_repository(api, repo, private=private)
        _check_privacy(remote, private=private)
        if revision not in (None, "main"):
            with hub_errors(repo):
                api.create_branch(repo, branch=str(revision), exist_ok=True)
    elif not remote.branch_exists and not create_pr:
        with hub_errors(repo):
            api.create_branch(repo, branch=str(revision), revision=remote.commit)
    if private and not remote.private:
        make_private(api, repo)
        progress.say(f"{repo}: the repository is empty and was public: it is private now")
    if card.note is not None:
        progress.say(f"{repo}: {card.note}")
    paths = bundle_paths(folder)
    size = push_plan(repo, revision, remote, paths, card).upload
    began = time.monotonic()
    if size >= LARGE:
        progress.say(f"uploading {storage_size(size)} to {repo}")
    with bars_only_in_a_terminal():
        commit = send_commit(
            api,
            repo,
            commit_operations(remote, paths, card.text),
            message=message or f"{BundleConfig.read(folder).entry}, by histozoo {__version__}",
            parent=remote.commit,
            revision=revision,
            create_pr=create_pr,
            created=created,
            progress=progress,
        )
    if size >= LARGE:
        seconds = max(time.monotonic() - began, 0.1)
        progress.say(f"uploaded in {seconds:.1f} s, {storage_size(size / seconds)}/s")
    if tag is not None:
        with hub_errors(repo):
            api.create_tag(repo, tag=tag, revision=commit.oid)
    return commit.pr_url or commit.url


def plan_push(
    folder: Path,
    repo: str,
    *,
    private: bool = False,
    revision: str | None = None,
    tag: str | None = None,
    create_pr: bool = False,
    license: str | None = None,  # noqa: A002
    new_card: bool = False,
    token: str | None = None,
) -> PushPlan:
    """Return what `push` would change on the Hub, after all of its checks; nothing is sent.

    Args:
        folder: The bundle.
        repo: The repository.
        private: As in `push`.
        revision: As in `push`.
        tag: As in `push`.
        create_pr: As in `push`.
        license: As in `push`.
        new_card: As in `push`.
        token: As in `push`.
    """
    target = push_target(repo, revision)
    repo, revision = target.repo, target.revision
    license_id = _check(folder, revision=revision, tag=tag, create_pr=create_pr, license_name=license)
    api = client(repo, token)
    remote = find_repository(api, repo, revision=revision)
    if remote is not None:
        _check_privacy(remote, private=private)
        if tag is not None:
            _check_tag(api, repo, tag)
    card = pushed_card(api, remote, folder, repo, revision=revision, license_id=license_id, new_card=new_card)
    return push_plan(repo, revision, remote, bundle_paths(folder), card)


def push_target(repo: str, revision: str | None) -> HubName:
    """Return the repository and the branch that a name, a name with a branch, or an address means."""
    check_owner(repo)
    return hub_name(repo, revision=revision) or HubName(repo=repo, revision=revision)


def _check(
    folder: Path, *, revision: str | None, tag: str | None, create_pr: bool, license_name: str | None
) -> str | None:
    """Raise an error for what cannot be pushed, before any request; return the Hub's name of the license."""
    BundleConfig.read(folder)
    bundle_metrics(folder)
    for name in FILES:
        bundle_file(folder, name)  # a link is refused before anything is created
    if not weights_are_intact(folder):
        raise BundleError(f"{WEIGHTS} is missing, or not the file that {CONFIG} describes", where=str(folder))
    if revision is not None and COMMIT.fullmatch(revision):
        raise UsageError("a commit cannot be changed", hint="give a branch as the revision to push to")
    if tag is not None and create_pr:
        raise UsageError("a pull request has no tag", hint="tag the commit once it is merged")
    return None if license_name is None else check_license(license_name)


def client(repo: str, token: str | None, *, login: bool = True) -> HfApi:
    """Return the Hub's client.

    Args:
        repo: The repository, for an error.
        token: The access token; by default the one of `hf auth login` or `HF_TOKEN`.
        login: Raise an error if there is no token; otherwise such a client sees only what is public.
    """
    from huggingface_hub import HfApi, get_token

    with hub_errors(repo):
        api = HfApi(token=token or get_token(), library_name="histozoo", library_version=__version__)
    if login and not api.token:
        raise not_logged_in(repo)
    return api


def _check_tag(api: HfApi, repo: str, tag: str) -> None:
    """Raise a HubError if a tag exists: whoever pinned it must always get the same model."""
    with hub_errors(repo):
        tags = {ref.name for ref in api.list_repo_refs(repo).tags}
    if tag in tags:
        raise HubError(f"the tag {tag!r} exists already, and a tag is never moved", where=repo, hint="choose another")


def _check_privacy(remote: Remote, *, private: bool) -> None:
    """Refuse to push private weights to a public repository."""
    if private and not remote.private and not remote.is_empty:
        raise HubError(
            "the repository already exists and is public",
            where=remote.repo,
            hint="choose another name, make it private in its settings, or push it without --private",
        )
