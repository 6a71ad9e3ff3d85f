"""Create or update a Space on the Hub, in one commit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.classifier.resolve import resolve
from zoo.errors import HubError, UsageError
from zoo.hub.hub_errors import hub_errors
from zoo.hub.hub_name import check_owner, read_hub_name
from zoo.hub.push import client
from zoo.hub.repository import Remote, create_repository, find_repository, page_of
from zoo.hub.send_commit import send_commit
from zoo.progress import Reporter, Silent
from zoo.runs import named_folder
from zoo.space.space_files import MODEL_LIST, MODELS, ShownModel, space_files
from zoo.text import counted
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
        dry_run: Return what would be uploaded, and upload nothing, which needs no access token.
        progress: Receives messages.
    """
    if not models:
        raise UsageError("a Space needs at least one model", hint="give run folders, bundle folders or Hub ids")
    check_owner(repo)
    progress = progress or Silent()
    api = client(repo, token, login=not dry_run)
    if not api.token:
        progress.say("you are not logged in: a private Space of this name would not be seen")
    shown = _shown_models(models, progress)
    space = find_repository(api, repo, kind="space")
    if space is not None and private and not space.private:
        raise HubError("the Space already exists and is public", where=repo, hint="make it private in its settings")
    files = space_files(shown, requirements=requirements, there=_edited(api, repo, space))
    deleted = _deleted(space, files)
    url, sizes = page_of(api, repo, "space"), {path: _size(data) for path, data in files.items()}
    if dry_run:
        return PushedSpace(url=url, files=sizes, deleted=deleted, commit=None)
    commit = send_commit(
        api,
        repo,
        _operations(files, deleted),
        message=message or f"{counted(len(shown), 'model')}, by histozoo {__version__}",
        parent=(space or create_repository(api, repo, private=private, kind="space")).commit,
        created=space is None,
        kind="space",
        progress=progress,
    )
    return PushedSpace(url=url, files=sizes, deleted=deleted, commit=commit.url)


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
    return re.sub(r"[^\w.-]+", "-", named_folder(folder).name, flags=re.ASCII).strip("-.") or "model"


def _free_name(name: str, taken: set[str]) -> str:
    """Return the name, numbered if another model has it."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _edited(api: HfApi, repo: str, space: Remote | None) -> dict[str, str]:
    """Return the text of the files in which people may have changed something since an earlier push."""
    if space is None or MODEL_LIST not in space.files:
        return {}
    with hub_errors(repo):
        paths = {
            name: Path(api.hf_hub_download(repo, name, repo_type="space", revision=space.commit))
            for name in EDITABLE
            if name in space.files
        }
    return {name: path.read_text(encoding="utf-8", errors="replace") for name, path in paths.items()}


def _deleted(space: Remote | None, files: dict[str, bytes | Path]) -> tuple[str, ...]:
    """Return the files of bundles that an earlier push uploaded and that the page no longer shows."""
    if space is None or MODEL_LIST not in space.files:
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
