"""One file of one revision of a Hub repository: from the cache, or fetched without long waiting."""

from __future__ import annotations

from pathlib import Path

from zoo.errors import HubError
from zoo.files import sha256 as hash_of
from zoo.hub.hub_errors import hub_errors

PATIENCE = 5.0
"""Seconds to wait for the Hub's first answer."""


def fetch_file(repo: str, file: str, *, revision: str, sha256: str | None = None) -> Path:
    """The file's path in the Hub's cache; a HubError says why it cannot be had."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    where = f"{repo}@{revision[:8]}"
    with hub_errors(where, revision=revision):
        try:
            path = Path(hf_hub_download(repo, file, revision=revision, local_files_only=True))
        except LocalEntryNotFoundError:
            _ask_once(repo, file, revision=revision)
            path = Path(hf_hub_download(repo, file, revision=revision, etag_timeout=PATIENCE))
    if sha256 is not None and hash_of(path) != sha256:
        raise HubError(
            f"{file} is not the file that was published: its sha256 differs",
            where=where,
            hint=f"delete {path} to fetch it again",
        )
    return path


def _ask_once(repo: str, file: str, *, revision: str) -> None:
    """Ask the Hub once whether it is there: its client would try again for half a minute."""
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils import hf_raise_for_status  # type: ignore[attr-defined]

    answer = get_session().head(hf_hub_url(repo, file, revision=revision), timeout=PATIENCE)
    if answer.is_error:
        hf_raise_for_status(answer)
