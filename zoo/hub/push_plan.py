"""What a push would change on the Hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Literal

from zoo.bundle.bundle_files import CARD
from zoo.hub.cached_file import hash_of
from zoo.hub.commit import outdated_files
from zoo.hub.pushed_card import PushedCard
from zoo.hub.repository import Remote, RemoteFile

Change = Literal["new", "changed", "unchanged", "deleted"]


@dataclass(frozen=True, kw_only=True)
class PlannedFile:
    """A file that a push uploads, leaves or deletes."""

    name: str
    size: int
    """In bytes; of a file that is deleted, its size on the Hub."""
    change: Change


@dataclass(frozen=True, kw_only=True)
class PushPlan:
    """What a push would change: nothing has been sent."""

    repo: str
    revision: str | None
    """The branch; None is the main one."""
    creates: Literal["repository", "branch"] | None
    """What does not exist yet and would be created."""
    parent: str | None
    """The commit that the new one follows; None for a new repository."""
    files: Sequence[PlannedFile]
    card: str
    """The card as it would be."""
    card_changes: str
    """How it differs from the card on the Hub, as a unified diff; empty if it is the same."""
    note: str | None
    """What a person should know of the card."""

    @property
    def upload(self) -> int:
        """How many bytes are new to the repository."""
        return sum(file.size for file in self.files if file.change in ("new", "changed"))


def push_plan(
    repo: str, revision: str | None, remote: Remote | None, paths: Mapping[str, Path], card: PushedCard
) -> PushPlan:
    """Return what a push would change.

    Args:
        repo: The repository.
        revision: The branch; None is the main one.
        remote: The repository as it is; None if it does not exist.
        paths: The files of the bundle but its card.
        card: The card.
    """
    there: Mapping[str, RemoteFile] = {} if remote is None else remote.files
    text = card.text.encode()
    files = [
        *(
            PlannedFile(name=name, size=path.stat().st_size, change=_change(path, there.get(name)))
            for name, path in paths.items()
        ),
        PlannedFile(name=CARD, size=len(text), change=_card_change(card, existed=CARD in there)),
    ]
    if remote is not None:
        files += [
            PlannedFile(name=name, size=there[name].size or 0, change="deleted")
            for name in outdated_files(remote, paths)
        ]
    return PushPlan(
        repo=repo,
        revision=revision,
        creates="repository" if remote is None else None if remote.branch_exists else "branch",
        parent=None if remote is None else remote.commit,
        files=files,
        card=card.text,
        card_changes="".join(
            unified_diff(
                card.before.splitlines(keepends=True),
                card.text.splitlines(keepends=True),
                "README.md on the Hub",
                "README.md of the push",
                n=1,
            )
        ),
        note=card.note,
    )


def _card_change(card: PushedCard, *, existed: bool) -> Change:
    return "new" if not existed else "unchanged" if card.before == card.text else "changed"


def _change(path: Path, there: RemoteFile | None) -> Change:
    """Return whether a file is on the Hub, and the same."""
    if there is None:
        return "new"
    if there.size is not None and there.size != path.stat().st_size:
        return "changed"
    same = there.oid is not None and hash_of(path, like=there.oid) == there.oid
    return "unchanged" if same else "changed"
