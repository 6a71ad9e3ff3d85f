"""The state of a repository before a push, and the operations of the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import CARD, FILES
from zoo.hub.hub_errors import hub_errors

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """A file on the Hub."""

    size: int | None = None
    oid: str | None = None
    """The sha256 of a large file, or the id that git gives a small one."""


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A branch of a repository at one commit. A push is refused if the branch has changed since."""

    repo: str
    commit: str | None
    private: bool
    files: Mapping[str, RemoteFile] = field(default_factory=dict)
    branch_exists: bool = True
    """Whether the branch exists; if not, `commit` is that of the main branch, which it will start from."""

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing but what the Hub puts into a new repository, as after a failed first push."""
        return not self.files.keys() - {".gitattributes"}


def find_repository(api: HfApi, repo: str, *, revision: str | None = None) -> Remote | None:
    """Return the repository as it is now; None if it does not exist or the token may not see it.

    Args:
        api: The client.
        repo: The repository.
        revision: The branch; by default the main one.
    """
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    with hub_errors(repo):
        try:
            try:
                return _read_repository(api, repo, revision=revision)
            except RevisionNotFoundError:
                return _read_repository(api, repo, branch_exists=False)
        except GatedRepoError:
            raise
        except RepositoryNotFoundError:
            return None


def create_repository(api: HfApi, repo: str, *, private: bool) -> Remote:
    """Create a repository. Unless it is to be private, the account's default visibility applies."""
    with hub_errors(repo):
        api.create_repo(repo, private=private or None, exist_ok=True)
        return _read_repository(api, repo)


def make_private(api: HfApi, repo: str) -> None:
    """Make a repository private."""
    with hub_errors(repo):
        api.update_repo_settings(repo, private=True)


def _read_repository(api: HfApi, repo: str, *, revision: str | None = None, branch_exists: bool = True) -> Remote:
    from huggingface_hub import constants

    info = api.model_info(repo, revision=revision, timeout=constants.HF_HUB_ETAG_TIMEOUT, files_metadata=True)
    files = {
        file.rfilename: RemoteFile(size=file.size, oid=file.lfs.sha256 if file.lfs else file.blob_id)
        for file in info.siblings or ()
    }
    return Remote(repo=repo, commit=info.sha, private=bool(info.private), files=files, branch_exists=branch_exists)


def bundle_paths(folder: Path) -> dict[str, Path]:
    """Return the files of a bundle but its card, by name; a BundleError for a link."""
    found = {name: bundle_file(folder, name) for name in FILES if name != CARD}
    return {name: path for name, path in found.items() if path is not None}


def outdated_files(remote: Remote, paths: Mapping[str, Path]) -> Sequence[str]:
    """Return the files on the Hub that only an earlier bundle contained."""
    return [name for name in FILES if name in remote.files and name not in paths and name != CARD]


def commit_operations(
    remote: Remote, paths: Mapping[str, Path], text: str
) -> list[CommitOperationAdd | CommitOperationDelete]:
    """Return the uploads of the bundle's files and card, and the deletions of what only an earlier bundle contained."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    return [
        *(CommitOperationAdd(path_in_repo=name, path_or_fileobj=str(path)) for name, path in paths.items()),
        *(CommitOperationDelete(path_in_repo=name) for name in outdated_files(remote, paths)),
        CommitOperationAdd(path_in_repo=CARD, path_or_fileobj=text.encode()),
    ]
