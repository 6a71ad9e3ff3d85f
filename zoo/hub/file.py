"""One file of one revision of a Hub repository: from the cache, or fetched without long waiting."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from zoo.errors import HubError
from zoo.files import sha256 as hash_of

PATIENCE = 5.0
"""Seconds to wait for the Hub's first answer."""


def fetch_file(repo: str, file: str, *, revision: str, sha256: str | None = None) -> Path:
    """The file's path in the Hub's cache; a HubError says why it cannot be had."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    where = f"{repo}@{revision[:8]}"
    try:
        path = Path(hf_hub_download(repo, file, revision=revision, local_files_only=True))
    except LocalEntryNotFoundError:
        _ask_once(repo, file, revision=revision)
        try:
            path = Path(hf_hub_download(repo, file, revision=revision, etag_timeout=PATIENCE))
        except LocalEntryNotFoundError as error:
            raise HubError("the Hub cannot be reached", where=where) from error
        except (HfHubHTTPError, OSError, ValueError) as error:
            raise HubError(str(error).splitlines()[0], where=where) from error
    if sha256 is not None and hash_of(path) != sha256:
        raise HubError(f"{file} is not the file that was published: its sha256 differs", where=where)
    return path


def _ask_once(repo: str, file: str, *, revision: str) -> None:
    """Ask the Hub once whether it is there: its client would try again for half a minute."""
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.errors import OfflineModeIsEnabled

    client = get_session()
    http = import_module(type(client).__module__.partition(".")[0])  # httpx, or httpx2 since huggingface_hub 2
    try:
        client.head(hf_hub_url(repo, file, revision=revision), timeout=PATIENCE)
    except OfflineModeIsEnabled as error:
        raise HubError("the Hub is switched off by HF_HUB_OFFLINE") from error
    except http.TimeoutException as error:
        raise HubError(f"the Hub does not answer within {PATIENCE:.0f} seconds") from error
    except http.HTTPError as error:
        raise HubError("the Hub cannot be reached") from error
