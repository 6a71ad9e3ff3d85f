"""The name of a repository, checked before the Hub is asked."""

from __future__ import annotations

import re

from zoo.errors import HubError

_WITHOUT_OWNER = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)


def check_owner(repo: str) -> None:
    """Raise a HubError for a name without an owner: the Hub would create a repository that is then not found."""
    if _WITHOUT_OWNER.fullmatch(repo):
        raise HubError(
            "this name of a repository has no owner",
            where=repo,
            hint=f"put your user name on the Hub, or that of your organization, before it: you/{repo}",
        )
