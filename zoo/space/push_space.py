"""Create or update a Space on the Hub, in one commit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.classifier.resolve import resolve
from zoo.errors import HubError, UsageError
from zoo.hub.hub_errors import hub_errors, not_logged_in
from zoo.hub.hub_name import read_hub_name
from zoo.progress import Reporter, Silent
from zoo.space.space_files import MODEL_LIST, MODELS, ShownModel, space_files
from zoo.version import __version__

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

EDITABLE = ("README.md", "requirements.txt")
"""The files in which the changes of people are kept."""


@dataclass(frozen=True, kw_only=True)
class PushedSpace:
    """What a push wrote, or would write."""

    url: str
    """The address of the Space."""
    files: dict[str, int]
    """The size in bytes of every file, by its path in the Space."""
    deleted: tuple[str, ...]
    """Files of models that the page no longer shows."""
    commit: str | None
    """The address of the commit; None if nothing was uploaded, since it was to be shown only."""


@dataclass(frozen=True, kw_only=True)
class _Space:
    """A Space at one commit. A push is refused if it has changed since."""

    commit: str | None
    files: tuple[str, ...]
    private: bool

    @property
    def is_ours(self) -> bool:
        """Whether an earlier push wrote it; one that a person just created has texts that nobody wrote."""
        return MODEL_LIST in self.files


def push_space(
    repo: str,
    models: Sequence[str | Path],
    *,
    private: bool = False,
    message: str | None = None,
    token: str | None = None,
    requirements: Sequence[str] = (),
    dry_run: bool = False,
    progress: Reporter | None = None,
) -> PushedSpace:
    """Create or update a Space that compares the models, in one commit.

    Every model is loaded first. One on the Hub is shown at its present commit; a run or bundle folder is uploaded as
    part of the Space. Of README.md the text and settings that people changed on the Hub are kept, and of
    requirements.txt the packages that they added.

    Args:
        repo: The Space, such as `you/compare-breast`. It is created if it does not exist.
        models: Run folders, bundle folders or Hub ids.
        private: Create a private Space. An existing public one is then refused.
        message: The commit message.
        token: The access token; by default the one of `hf auth login` or `HF_TOKEN`.
        requirements: Lines of requirements.txt, in place of those of the same packages, such as
            `histozoo @ git+https://…` for a version that is not released.
        dry_run: Return what would be uploaded, and upload nothing.
        progress: Receives messages.
    """
    from huggingface_hub import HfApi, constants, get_token

    if not models:
        raise UsageError("a Space needs at least one model", hint="give run folders, bundle folders or Hub ids")
    with hub_errors(repo):
        api = HfApi(token=token or get_token(), library_name="histozoo", library_version=__version__)
    if not api.token and not dry_run:
        raise not_logged_in(repo)
    shown = _shown_models(models, progress or Silent())
    space = _find(api, repo)
    if space is not None and private and not space.private:
        raise HubError("the Space already exists and is public", where=repo, hint="make it private in its settings")
    files = space_files(shown, requirements=requirements, there=_edited(api, repo, space))
    deleted = _deleted(space, files)
    url, sizes = f"{constants.ENDPOINT}/spaces/{repo}", {path: _size(data) for path, data in files.items()}
    if dry_run:
        return PushedSpace(url=url, files=sizes, deleted=deleted, commit=None)
    if space is None:
        with hub_errors(repo):
            api.create_repo(repo, repo_type="space", space_sdk="gradio", private=private or None, exist_ok=True)
        space = _find(api, repo)
    with hub_errors(repo):
        commit = api.create_commit(
            repo,
            _operations(files, deleted),
            repo_type="space",
            commit_message=message or f"{len(shown)} models, by histozoo {__version__}",
            parent_commit=None if space is None else space.commit,
        )
    return PushedSpace(url=url, files=sizes, deleted=deleted, commit=str(commit.commit_url))


def _shown_models(models: Sequence[str | Path], progress: Reporter) -> list[ShownModel]:
    """Return the models, each loaded once, so that no Space begins with one that cannot be loaded."""
    from zoo.classifier import from_pretrained  # it imports torch

    shown: list[ShownModel] = []
    for model in models:
        folder = resolve(model, progress=progress)
        from_pretrained(folder)
        on_hub = None if Path(model).expanduser().exists() else read_hub_name(str(model))
        if on_hub is not None:
            shown.append(ShownModel(folder=folder, hub_id=on_hub.repo, commit=folder.name, name=on_hub.repo))
        else:
            name = _free_name(_folder_name(folder), {one.name for one in shown})
            shown.append(ShownModel(folder=folder, name=name))
    return shown


def _folder_name(folder: Path) -> str:
    """Return the name of a run or bundle, with a hyphen for each character that a path on the Hub should not have."""
    resolved = folder.resolve()
    name = resolved.parent.name if resolved.name == "bundle" else resolved.name
    return re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.") or "model"


def _free_name(name: str, taken: set[str]) -> str:
    """Return the name, numbered if another model has it."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _find(api: HfApi, repo: str) -> _Space | None:
    """Return the Space as it is now; None if it does not exist or the token may not see it."""
    from huggingface_hub import constants
    from huggingface_hub.errors import RepositoryNotFoundError

    with hub_errors(repo):
        try:
            info = api.space_info(repo, timeout=constants.HF_HUB_ETAG_TIMEOUT)
        except RepositoryNotFoundError:
            return None
    files = tuple(file.rfilename for file in info.siblings or ())
    return _Space(commit=info.sha, files=files, private=bool(info.private))


def _edited(api: HfApi, repo: str, space: _Space | None) -> dict[str, str]:
    """Return the text of the files in which people may have changed something since an earlier push."""
    if space is None or not space.is_ours:
        return {}
    with hub_errors(repo):
        paths = {
            name: Path(api.hf_hub_download(repo, name, repo_type="space", revision=space.commit))
            for name in EDITABLE
            if name in space.files
        }
    return {name: path.read_text(encoding="utf-8", errors="replace") for name, path in paths.items()}


def _deleted(space: _Space | None, files: dict[str, bytes | Path]) -> tuple[str, ...]:
    """Return the files of bundles that an earlier push uploaded and that the page no longer shows."""
    if space is None or not space.is_ours:
        return ()
    return tuple(path for path in space.files if path.startswith(f"{MODELS}/") and path not in files)


def _operations(
    files: dict[str, bytes | Path], deleted: Sequence[str]
) -> list[CommitOperationAdd | CommitOperationDelete]:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    return [
        *(
            CommitOperationAdd(path_in_repo=path, path_or_fileobj=data if isinstance(data, bytes) else str(data))
            for path, data in files.items()
        ),
        *(CommitOperationDelete(path_in_repo=path) for path in deleted),
    ]


def _size(data: bytes | Path) -> int:
    return len(data) if isinstance(data, bytes) else data.stat().st_size
