"""A download that is not finished: its bytes, and beside them which file of which server they are."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from zoo.files import write_json


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A file as its server describes it."""

    url: str
    length: int | None
    etag: str | None
    modified: str | None

    @property
    def validator(self) -> str | None:
        """What `If-Range` may hold: a weak ETag promises too little."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified

    def agrees(self, other: Identity) -> bool:
        """Whether both can be one file. The answer to a range may leave out what the first answer said."""
        pairs = [(self.length, other.length), (self.etag, other.etag), (self.modified, other.modified)]
        told = [(one, two) for one, two in pairs if one is not None and two is not None]
        return self.url == other.url and bool(told) and all(one == two for one, two in told)


class Partial:
    """The file `NAME.part`, and `NAME.part.json` that says what it is a part of."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f"{target.name}.part.json")

    @property
    def size(self) -> int:
        """Bytes that lie here."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def identity(self, url: str) -> Identity | None:
        """What lies here, if it is known and came from this address."""
        try:
            found = Identity(**json.loads(self._note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return found if found.url == url and self.path.is_file() else None

    def is_whole(self, url: str) -> bool:
        """Whether nothing is missing: a download whose unpacking was interrupted."""
        identity = self.identity(url)
        return identity is not None and identity.length == self.size

    def begin(self, identity: Identity) -> None:
        """Throw away what lies here and begin a file. The bytes never stand beside another file's note."""
        self._note.unlink(missing_ok=True)
        self.path.write_bytes(b"")
        write_json(self._note, asdict(identity))

    def finish(self, identity: Identity) -> None:
        """Remember that this is all of it, even where the server stated no length at first."""
        write_json(self._note, asdict(replace(identity, length=self.size)))

    def keep_as(self, target: Path) -> None:
        """The whole file under its own name."""
        self.path.replace(target)
        self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove all of it."""
        self._note.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)
