"""The state of a repository before a push, and the operations of the commit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import CARD, FILES
from zoo.bundle.bundle_metrics import bundle_metrics
from zoo.bundle.card import card, is_untouched
from zoo.errors import BundleError
from zoo.files import read_text
from zoo.hub.hub_errors import hub_errors
from zoo.progress import Reporter

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

MAX_CARD_BYTES = 4_000_000
"""The size in bytes of the largest card that is read."""


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A repository at one commit. A push is refused if the repository has changed since."""

    repo: str
    commit: str | None
    private: bool
    files: frozenset[str]


def find_repository(api: HfApi, repo: str) -> Remote | None:
    """Return the repository as it is now; None if it does not exist or the token may not see it."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    with hub_errors(repo):
        try:
            return _read_repository(api, repo)
        except GatedRepoError:
            raise
        except RepositoryNotFoundError:
            return None


def create_repository(api: HfApi, repo: str, *, private: bool) -> Remote:
    """Create a repository. Unless it is to be private, the account's default visibility applies."""
    with hub_errors(repo):
        api.create_repo(repo, private=private or None, exist_ok=True)
        return _read_repository(api, repo)


def _read_repository(api: HfApi, repo: str) -> Remote:
    from huggingface_hub import constants

    info = api.model_info(repo, timeout=constants.HF_HUB_ETAG_TIMEOUT)
    files = frozenset(file.rfilename for file in info.siblings or ())
    return Remote(repo=repo, commit=info.sha, private=bool(info.private), files=files)


def commit_operations(
    api: HfApi, remote: Remote, folder: Path, text: str, *, progress: Reporter
) -> list[CommitOperationAdd | CommitOperationDelete]:
    """Return the uploads of the bundle's files, and the deletions of files that only an earlier bundle contained."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    files = {name: bundle_file(folder, name) for name in FILES if name != CARD}
    operations: list[CommitOperationAdd | CommitOperationDelete] = [
        CommitOperationAdd(path_in_repo=name, path_or_fileobj=str(path))
        for name, path in files.items()
        if path is not None
    ]
    operations += [
        CommitOperationDelete(path_in_repo=name)
        for name, path in files.items()
        if path is None and name in remote.files
    ]
    if _card_was_edited_on_hub(api, remote, text):
        progress.say(f"{remote.repo}: {CARD} was edited on the Hub, so it is kept; its numbers may be out of date")
    else:
        operations.append(CommitOperationAdd(path_in_repo=CARD, path_or_fileobj=text.encode()))
    return operations


def card_for(folder: Path, repo: str) -> str:
    """Return the bundle's card with the repository named in it; an edited card is returned unchanged."""
    path = bundle_file(folder, CARD)
    try:
        if path is not None and not is_untouched(text := read_text(path, at_most=MAX_CARD_BYTES)):
            return text
    except (OSError, ValueError) as error:
        raise BundleError(f"{CARD} cannot be read: {error}", where=str(folder)) from error
    return card(BundleConfig.read(folder), bundle_metrics(folder), repo=repo)


def _card_was_edited_on_hub(api: HfApi, remote: Remote, text: str) -> bool:
    """Return whether the card on the Hub was edited: its signature is invalid, and it differs from the one to push."""
    if CARD not in remote.files:
        return False
    with hub_errors(remote.repo):
        on_hub = Path(api.hf_hub_download(remote.repo, CARD, revision=remote.commit)).read_bytes()
    return on_hub != text.encode() and not is_untouched(on_hub.decode("utf-8", errors="replace"))
