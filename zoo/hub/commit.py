"""The files of a bundle as the operations of a commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import CARD, FILES
from zoo.hub.repository import Remote

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete


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
