"""A repository on the Hub: read, created, made private."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from zoo.hub.checked_download import stated_hash
from zoo.hub.hub_errors import hub_errors
from zoo.hub.time_limits import answer_limit

if TYPE_CHECKING:
    from huggingface_hub import HfApi

Kind = Literal["model", "space"]


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


def find_repository(api: HfApi, repo: str, *, revision: str | None = None, kind: Kind = "model") -> Remote | None:
    """Return the repository as it is now; None if it does not exist or the token may not see it.

    Args:
        api: The client.
        repo: The repository.
        revision: The branch; by default the main one.
        kind: What the repository is.
    """
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    with hub_errors(repo):
        try:
            try:
                return _read_repository(api, repo, kind, revision=revision)
            except RevisionNotFoundError:
                return _read_repository(api, repo, kind, branch_exists=False)
        except GatedRepoError:
            raise
        except RepositoryNotFoundError:
            return None


def create_repository(api: HfApi, repo: str, *, private: bool, kind: Kind = "model") -> Remote:
    """Create a repository. Unless it is to be private, the account's default visibility applies."""
    with hub_errors(repo):
        sdk = "gradio" if kind == "space" else None
        api.create_repo(repo, repo_type=kind, space_sdk=sdk, private=private or None, exist_ok=True)
        return _read_repository(api, repo, kind)


def make_private(api: HfApi, repo: str) -> None:
    """Make a repository private."""
    with hub_errors(repo):
        api.update_repo_settings(repo, private=True)


def page_of(api: HfApi, repo: str, kind: Kind) -> str:
    """Return the address of a repository."""
    return f"{api.endpoint}/{repo}" if kind == "model" else f"{api.endpoint}/{kind}s/{repo}"


def _read_repository(
    api: HfApi, repo: str, kind: Kind, *, revision: str | None = None, branch_exists: bool = True
) -> Remote:
    read = api.space_info if kind == "space" else api.model_info
    info = read(repo, revision=revision, timeout=answer_limit(), files_metadata=True)
    files = {file.rfilename: RemoteFile(size=file.size, oid=stated_hash(file)) for file in info.siblings or ()}
    return Remote(repo=repo, commit=info.sha, private=bool(info.private), files=files, branch_exists=branch_exists)
