"""One file of one commit on the Hub, such as pretrained weights."""

from __future__ import annotations

from pathlib import Path

from zoo.errors import HubError
from zoo.files import sha256 as sha256_of
from zoo.hub import time_limits
from zoo.hub.cached_file import is_intact
from zoo.hub.hub_errors import hub_errors
from zoo.hub.xet_limits import limit_xet


def fetch_file(repo: str, file: str, *, revision: str, sha256: str | None = None) -> Path:
    """Return the path in the cache of one file of one commit, downloaded if it is not in the cache, or damaged there.

    Args:
        repo: The repository.
        file: The name of the file.
        revision: The commit.
        sha256: The sha256 that the file must have.
    """
    from huggingface_hub import hf_hub_download, try_to_load_from_cache
    from huggingface_hub.errors import LocalEntryNotFoundError

    where = f"{repo}@{revision[:8]}"
    limit = time_limits.PINNED_FILE
    with hub_errors(where, revision=revision):
        if not isinstance(try_to_load_from_cache(repo, file, revision=revision), str):
            limit_xet()
        try:
            path = Path(hf_hub_download(repo, file, revision=revision, local_files_only=True))
            damaged = not is_intact(path)
        except LocalEntryNotFoundError:
            _check_file_answers(repo, file, revision=revision)
            path, damaged = Path(hf_hub_download(repo, file, revision=revision, etag_timeout=limit)), False
        if damaged:
            _check_file_answers(repo, file, revision=revision)
            path = Path(hf_hub_download(repo, file, revision=revision, etag_timeout=limit, force_download=True))
    if sha256 is not None and sha256_of(path) != sha256:
        raise HubError(
            f"{file} is not the file that was published: its sha256 differs",
            where=where,
            hint=f"delete {path} to download it again",
        )
    return path


def _check_file_answers(repo: str, file: str, *, revision: str) -> None:
    """Send one request with a time limit: a download would retry for half a minute before it fails."""
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils import hf_raise_for_status  # type: ignore[attr-defined]

    answer = get_session().head(hf_hub_url(repo, file, revision=revision), timeout=time_limits.PINNED_FILE)
    if answer.is_error:
        hf_raise_for_status(answer)
