"""How a model is downloaded from the Hub: which version, with which token, and where to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class DownloadOptions:
    """What every download of a model from the Hub is made with."""

    revision: str | None = None
    """A branch, a tag or a commit; None is the main branch."""
    token: str | None = None
    """The access token; None is the one of `hf auth login` or `HF_TOKEN`."""
    cache_dir: str | Path | None = None
    """The folder for downloads; None is the cache of the Hub's client."""
    local_files_only: bool = False
    """Send no request, and use what was downloaded earlier."""
    force_download: bool = False
    """Download again what was downloaded earlier."""

    def at(self, revision: str | None) -> DownloadOptions:
        """Return the same options for another revision."""
        return replace(self, revision=revision)
