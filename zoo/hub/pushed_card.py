"""The card of a push: what histozoo writes, around which a person's text is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import CARD, MAX_CARD_BYTES
from zoo.bundle.bundle_metrics import bundle_metrics
from zoo.bundle.card import CardError, CardParts, card, own_parts, read_card
from zoo.errors import BundleError
from zoo.files import read_text
from zoo.hub.checked_download import checked_download
from zoo.hub.download_options import DownloadOptions
from zoo.hub.repository import Remote

if TYPE_CHECKING:
    from huggingface_hub import HfApi


@dataclass(frozen=True, kw_only=True)
class PushedCard:
    """The card to push."""

    text: str
    before: str
    """The card on the Hub; empty if there is none."""
    note: str | None = None
    """What a person should know of it."""


def pushed_card(
    api: HfApi,
    remote: Remote | None,
    folder: Path,
    repo: str,
    *,
    revision: str | None = None,
    license_id: str | None,
    new_card: bool,
) -> PushedCard:
    """Return the card to push. Its results and metadata are those of the bundle; a person's text is kept.

    A person may have written in the card on the Hub, or in the folder; if in both, that on the Hub is kept.

    Args:
        api: The client.
        remote: The repository; None if it is to be created.
        folder: The bundle.
        repo: The name of the repository.
        revision: The branch; None for the main one.
        license_id: The Hub's name of the license; None to keep the one that is stated.
        new_card: Rewrite all of the card, and keep nothing.
    """
    before = _on_hub(api, remote, needed=not new_card)
    kept, note = (None, None) if new_card else _kept(folder, before, repo)
    text = card(
        BundleConfig.read(folder),
        bundle_metrics(folder),
        repo=repo,
        revision=None if revision == "main" else revision,
        license_id=license_id,
        kept=kept,
    )
    return PushedCard(text=text, before=before or "", note=note)


def read_local_card(folder: Path) -> CardParts | None:
    """Return the parts of the card in a folder; None if there is none."""
    path = bundle_file(folder, CARD)
    if path is None:
        return None
    try:
        text = read_text(path, at_most=MAX_CARD_BYTES)
    except (OSError, ValueError) as error:
        raise BundleError(f"{CARD} cannot be read: {error}", where=str(folder)) from error
    return read_card(text, where=str(folder))


def _kept(folder: Path, on_hub: str | None, repo: str) -> tuple[CardParts | None, str | None]:
    """Return the card whose text by a person is kept, and what to say of it."""
    local = read_local_card(folder)
    there = None if on_hub is None else read_card(on_hub, where=repo)
    if there is None or not own_parts(there):
        return local, None
    replaced = {} if local is None else own_parts(local)
    note = None
    if there.block is None:
        note = f"{CARD} on the Hub is a person's: the part of histozoo is added below it"
    elif any(own_parts(there).get(part) != written for part, written in replaced.items()):
        note = f"{CARD} has text or metadata of a person on the Hub and in the folder: that on the Hub is kept"
    return there, note


def _on_hub(api: HfApi, remote: Remote | None, *, needed: bool) -> str | None:
    """Return the card on the Hub; None if there is none. One that is not text is an error if it is `needed`."""
    if remote is None or CARD not in remote.files:
        return None
    options = DownloadOptions(token=str(api.token))
    data = checked_download(
        remote.repo, CARD, commit=str(remote.commit), stated=remote.files[CARD].oid, options=options
    ).read_bytes()
    if needed and len(data) > MAX_CARD_BYTES:
        raise _unreadable(remote.repo, "it is too large")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if needed:
            raise _unreadable(remote.repo, "it is not UTF-8 text") from error
        return ""


def _unreadable(repo: str, why: str) -> CardError:
    return CardError(
        f"{CARD} on the Hub cannot be read: {why}",
        where=repo,
        hint="push with --new-card (new_card=True) to rewrite it",
    )
