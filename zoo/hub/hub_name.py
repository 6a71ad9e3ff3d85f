"""A model on the Hub, as users name it: `you/name`, `you/name@revision`, or an address pasted from the browser."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from zoo.errors import HubError, UsageError
from zoo.text import counted, quoted

_REPO = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_WITHOUT_OWNER = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_REVISION = re.compile(r"[\w][\w./+-]*", re.ASCII)
_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
_SCHEMES = ("hf://", "hf-hub:")
_PAGES = ("tree", "blob", "resolve", "raw", "commit", "commits")
"""The pages of a repository whose address has a revision."""
_OTHERS = ("datasets", "spaces", "docs", "papers", "collections", "api")


@dataclass(frozen=True, kw_only=True)
class HubName:
    """A repository on the Hub, at a revision."""

    repo: str
    revision: str | None = None

    def __str__(self) -> str:
        return self.repo if self.revision is None else f"{self.repo}@{self.revision}"


def read_hub_name(text: str) -> HubName | None:
    """Return the repository and the revision that a text names; None if it cannot be a model on the Hub.

    Args:
        text: A Hub id, a Hub id with `@` and a revision, or the address of a page of a repository.
    """
    for scheme in _SCHEMES:
        text = text.removeprefix(scheme)
    if _is_address(text):
        try:
            address = urlsplit(text if "://" in text else f"https://{text}")
        except ValueError:
            return None
        known = address.hostname in (*_HOSTS, urlsplit(os.environ.get("HF_ENDPOINT", "")).hostname)
        return _from_address(unquote(address.path).strip("/").split("/")) if known else None
    repo, at, revision = text.partition("@")
    if not _REPO.fullmatch(repo) or (at and not _REVISION.fullmatch(revision)):
        return None
    return HubName(repo=repo, revision=revision or None)


def hub_name(text: str, *, revision: str | None) -> HubName | None:
    """Return what `read_hub_name` does, at a revision that is given separately.

    Args:
        text: The name of the model.
        revision: A branch, a tag or a commit; None for the one in the name, if any. Two different ones are an error.
    """
    found = read_hub_name(text)
    if found is None or revision is None:
        return found
    if found.revision not in (None, revision):
        raise UsageError(f"two revisions are given: {quoted(found.revision)} and {quoted(revision)}", where=text)
    return HubName(repo=found.repo, revision=revision)


def check_owner(repo: str) -> None:
    """Raise a HubError for a name without an owner: the Hub would create a repository that is then not found."""
    if _WITHOUT_OWNER.fullmatch(repo):
        raise HubError(
            "this name of a repository has no owner",
            where=repo,
            hint=f"put your user name on the Hub, or that of your organization, before it: you/{repo}",
        )


def at_revision(models: Sequence[str], revision: str | None) -> list[str]:
    """Return the names of models with a revision added to the only one that is on the Hub.

    Args:
        models: The models of a command.
        revision: The value of `--revision`; None adds nothing.
    """
    if revision is None:
        return list(models)
    on_hub = [model for model in models if not Path(model).expanduser().exists() and read_hub_name(model)]
    if len(on_hub) != 1:
        raise UsageError(
            f"--revision is about one model on the Hub, and {counted(len(on_hub), 'such model')} named",
            hint="name each as you/name@revision; a local folder has no revisions",
        )
    return [str(hub_name(model, revision=revision)) if model in on_hub else model for model in models]


def _is_address(text: str) -> bool:
    """Return whether a text is the address of a page, with or without `https://`."""
    return text.startswith(("https://", "http://")) or text.split("/", 1)[0] in _HOSTS


def _from_address(parts: Sequence[str]) -> HubName | None:
    """Return the repository that the path of an address names."""
    if len(parts) < 2 or parts[0] in _OTHERS or not _REPO.fullmatch("/".join(parts[:2])):
        return None
    if len(parts) < 4 or parts[2] not in _PAGES:
        return HubName(repo="/".join(parts[:2]))
    length = 3 if parts[3] == "refs" else 1  # refs/pr/1
    revision = "/".join(parts[3 : 3 + length])
    return HubName(repo="/".join(parts[:2]), revision=revision) if _REVISION.fullmatch(revision) else None
