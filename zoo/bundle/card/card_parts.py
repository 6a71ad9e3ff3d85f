"""The parts of a model card: what histozoo writes, between two markers, and what a person wrote around it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import yaml

from zoo.errors import BundleError
from zoo.text import quoted

BEGIN = "<!-- begin histozoo: a push replaces this part; write your own text above or below it -->"
_BEGIN = re.compile(r"^<!-- begin histozoo\b[^\n]*-->[ \t]*$", re.MULTILINE)
_END = re.compile(r"^<!-- end histozoo (?P<record>[^\n]*) -->[ \t]*$", re.MULTILINE)
_EARLIER = "<!-- written by histozoo; edit it and no push replaces it:"
_FRONT = re.compile(r"\A\s*---[ \t]*\n(?P<yaml>.*?)(?:^|\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
MAX_METADATA = 200_000
"""How many characters the front matter has at most; that of a model with a thousand classes has a tenth."""
_NEW = (
    "move your text above or below the part of histozoo, or push with --new-card (new_card=True) to rewrite all of it"
)


class CardError(BundleError):
    """A card whose parts cannot be told apart, so that none of it can be replaced."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What histozoo wrote into the metadata that a person may change too, so that it can be replaced later."""

    license: str | None = None
    tags: Sequence[str] = ()
    base_model: str | None = None


@dataclass(frozen=True, kw_only=True)
class CardParts:
    """A card in its parts."""

    metadata: Mapping[str, Any] = field(default_factory=dict)
    """The front matter."""
    before: str = ""
    """A person's text before the part of histozoo."""
    block: str | None = None
    """The part of histozoo; None if a person wrote the whole card."""
    after: str = ""
    """A person's text after it."""
    written: Written = Written()

    def to_text(self) -> str:
        """Return the card."""
        front = yaml.safe_dump(dict(self.metadata), sort_keys=False, allow_unicode=True, width=120).strip()
        parts = [f"---\n{front}\n---", self.before.strip("\n")]
        if self.block is not None:
            parts += [f"{BEGIN}\n\n{self.block.strip()}\n\n{_end(self.block, self.written)}"]
        return "\n\n".join(part for part in (*parts, self.after.strip("\n")) if part) + "\n"


def read_card(text: str, *, where: str) -> CardParts:
    """Return the parts of a card; a CardError if they cannot be told apart, or histozoo's was edited.

    Args:
        text: The card.
        where: Where it is, for errors.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    metadata, body = _front_matter(text, where)
    begins, ends = list(_BEGIN.finditer(body)), list(_END.finditer(body))
    if _EARLIER in body:
        raise CardError("README.md was written by an earlier version of histozoo", where=where, hint=_NEW)
    if not begins and not ends:
        return CardParts(metadata=metadata, before=body.strip("\n"))
    if len(begins) != 1 or len(ends) != 1 or begins[0].start() > ends[0].start():
        raise CardError("README.md must have the two markers of histozoo's part once each", where=where, hint=_NEW)
    block = body[begins[0].end() : ends[0].start()].strip()
    written, checksum = _record(ends[0]["record"])
    if checksum != _checksum(block):
        raise CardError("README.md was edited within the part that histozoo writes", where=where, hint=_NEW)
    return CardParts(
        metadata=metadata,
        before=body[: begins[0].start()].strip("\n"),
        block=block,
        after=body[ends[0].end() :].strip("\n"),
        written=written,
    )


def _front_matter(text: str, where: str) -> tuple[dict[str, Any], str]:
    """Return the metadata of a card and the text after it."""
    front = _FRONT.match(text)
    if front is None:
        return {}, text
    if len(front["yaml"]) > MAX_METADATA:
        raise CardError(
            f"the metadata of README.md are longer than {MAX_METADATA:,} characters", where=where, hint=_NEW
        )
    try:
        metadata = yaml.load(front["yaml"], Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = quoted(str(error).splitlines()[0])
        raise CardError(f"the metadata of README.md are not YAML: {reason}", where=where, hint=_NEW) from error
    if not isinstance(metadata, dict | None) or not all(isinstance(key, str) for key in metadata or {}):
        raise CardError("the metadata of README.md are not a mapping from names", where=where, hint=_NEW)
    return dict(metadata or {}), text[front.end() :]


def _end(block: str, written: Written) -> str:
    """Return the marker after a block, with what a later push must know; it cannot end the comment early."""
    base = {"base_model": written.base_model} if written.base_model else {}
    record = {"license": written.license, "tags": [*written.tags], **base, "sha256": _checksum(block.strip())}
    text = json.dumps(record).replace("--", "-\\u002d").replace(">", "\\u003e")
    return f"<!-- end histozoo {text} -->"


def _record(text: str) -> tuple[Written, str | None]:
    """Return what the end marker records; nothing if it was edited."""
    try:
        record = json.loads(text)
        tags = [tag for tag in record["tags"] if isinstance(tag, str)]
        license_id = record["license"] if isinstance(record["license"], str) else None
        base_model = record.get("base_model")
        base_model = base_model if isinstance(base_model, str) else None
        return Written(license=license_id, tags=tuple(tags), base_model=base_model), str(record["sha256"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return Written(), None


def _checksum(block: str) -> str:
    """Return the hash of a block, whatever its line endings and the spaces at the ends of its lines."""
    return sha256("\n".join(line.rstrip() for line in block.splitlines()).encode()).hexdigest()
