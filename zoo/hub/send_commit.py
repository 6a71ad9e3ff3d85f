"""The commit of a push: sent once, and looked for on the Hub if its answer is lost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.errors import HubError
from zoo.hub.cached_file import hash_of_content
from zoo.hub.checked_download import stated_hash
from zoo.hub.hub_errors import ChangedError, hub_errors
from zoo.hub.repository import Kind, page_of
from zoo.hub.time_limits import answer_limit
from zoo.hub.watched_client import MAY_HAVE_LANDED, UnreachableError
from zoo.hub.xet_limits import limit_xet
from zoo.progress import Reporter

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    Operations = Sequence[CommitOperationAdd | CommitOperationDelete]

LOOKS = 3
"""How often the Hub is asked for a commit whose answer was lost."""
BETWEEN_LOOKS = 2.0
"""Seconds between two of them, since the Hub may still be at work."""


@dataclass(frozen=True, kw_only=True)
class SentCommit:
    """A commit that is on the Hub."""

    oid: str
    url: str
    pr_url: str | None = None


def send_commit(
    api: HfApi,
    repo: str,
    operations: Operations,
    *,
    message: str,
    parent: str | None,
    revision: str | None = None,
    create_pr: bool = False,
    created: bool = False,
    kind: Kind = "model",
    progress: Reporter,
) -> SentCommit:
    """Upload files, make the commit and return it; an error says what is on the Hub now.

    If the answer to the commit is lost, the Hub is asked whether it has the commit.

    Args:
        api: The Hub's client.
        repo: The repository.
        operations: What the commit adds and deletes.
        message: The commit message.
        parent: The commit that it follows; the Hub refuses it after any other.
        revision: The branch; by default the main branch.
        create_pr: Open a pull request.
        created: Whether the repository was created for this push, so that it is empty if the push fails.
        kind: What the repository is.
        progress: Receives messages.
    """
    try:
        limit_xet()
        with hub_errors(repo):
            made = api.create_commit(
                repo,
                operations,
                commit_message=message,
                revision=revision,
                create_pr=create_pr,
                parent_commit=parent,
                repo_type=kind,
            )
            return SentCommit(oid=str(made.oid), url=str(made.commit_url), pr_url=made.pr_url)
    except HubError as error:
        if MAY_HAVE_LANDED not in error.message:
            raise _about_new_repository(error, created=created) from error
        if create_pr:
            raise _unknown(error, f"{page_of(api, repo, kind)}/discussions") from error
        found = _look_for_commit(api, repo, operations, parent=parent, revision=revision, kind=kind, lost=error)
        progress.say(f"{repo}: {error.message.partition(';')[0]}, but the commit is on the Hub")
        return found


def _look_for_commit(
    api: HfApi,
    repo: str,
    operations: Operations,
    *,
    parent: str | None,
    revision: str | None,
    kind: Kind,
    lost: HubError,
) -> SentCommit:
    """Return the commit whose answer was lost; raise that error, with what is known, if it is not on the Hub."""
    home = page_of(api, repo, kind)
    page = f"{home}/commits/{revision or 'main'}"
    for number in range(LOOKS):
        if number:
            time.sleep(BETWEEN_LOOKS)
        try:
            with hub_errors(repo):
                limit = answer_limit()
                info = api.repo_info(repo, repo_type=kind, revision=revision, timeout=limit, files_metadata=True)
                landed = info.sha != parent and _has_changes(info, operations)
        except HubError:
            raise _unknown(lost, page) from lost
        if landed:
            return SentCommit(oid=str(info.sha), url=f"{home}/commit/{info.sha}")
        if info.sha != parent:
            raise _with(lost, "someone else has changed the repository since", page) from lost
    raise _with(lost, "it is not on the Hub yet", page) from lost


def _has_changes(info: Any, operations: Operations) -> bool:
    """Return whether the files on the Hub are those of a commit."""
    from huggingface_hub import CommitOperationAdd

    there = {file.rfilename: stated_hash(file) for file in info.siblings or ()}
    for operation in operations:
        stated = there.get(operation.path_in_repo)
        if not isinstance(operation, CommitOperationAdd):
            if stated is not None:
                return False
            continue
        if stated is None:
            return False
        with operation.as_file() as file:
            if hash_of_content(file, size=operation.upload_info.size, like=stated) != stated:
                return False
    return True


def _about_new_repository(error: HubError, *, created: bool) -> HubError:
    """Return an error after which nothing was committed, with what that means for a new repository."""
    if not created or isinstance(error, ChangedError):
        return error
    return type(error)(f"{error.message}; the new repository is still empty", where=error.where, hint=error.hint)


def _unknown(lost: HubError, page: str) -> UnreachableError:
    return UnreachableError(
        lost.message,
        where=lost.where,
        hint=f"look at {page}, then push again, which changes nothing that is there already" + _more(lost),
    )


def _with(lost: HubError, known: str, page: str) -> UnreachableError:
    return _unknown(type(lost)(f"{lost.message}, but {known}", where=lost.where, hint=lost.hint), page)


def _more(lost: HubError) -> str:
    return f"\n  {lost.hint}" if lost.hint else ""
