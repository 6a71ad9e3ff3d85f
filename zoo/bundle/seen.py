"""seen.json: the images and patients that a model was trained and validated on, as salted hashes that name nobody.

An image is recorded by the hashes of its file and of its pixels, each hashed again with the salt; nobody can guess
these. A patient is recorded by name, and names can be guessed, so each guess is made expensive with scrypt. That slows
down a search through all possible names, but does not prevent it: whoever knows a name, or can list all of them, can
find out whether that patient is among those recorded.

A model that was trained from the weights of another model has seen what that model had seen, too: its record contains
the earlier records, unchanged, each with its own salt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zoo.bundle.bundle_files import SEEN, read_described
from zoo.config.plain import OPTIONAL, from_plain, plain
from zoo.data.patient_names import same_for_one_patient
from zoo.errors import BundleError
from zoo.parallel import map_ordered
from zoo.text import quoted

Hashes = NDArray[np.uint64]
FORMAT = 1
FORMAT_WITH_EARLIER = 2
"""The format of a record with earlier ones; versions of histozoo that would overlook these cannot read it."""
SALT_BYTES = 16
HASH_BYTES = 8
"""With 100,000 recorded and 100,000 other images, two are taken for each other once in 500 million times."""
MAX_BYTES = 64_000_000
"""The size in bytes of the largest file that is read: three million images."""
LEAST_COST, MOST_COST = 4, 13
"""The smallest and the largest binary logarithm of scrypt's cost; the largest takes about 30 ms and 8 MB a name."""
TOTAL_COST = 17
"""The binary logarithm of the cost of hashing all recorded names, about half a second on one core.

Evaluation hashes as many names as the data have patients, so the cost of each name is lower if there are many.
"""


@dataclass(frozen=True, kw_only=True)
class SeenDocument:
    """The contents of seen.json."""

    format: int
    salt: str
    """Random bytes in hexadecimal, different in every bundle, so that the records of two bundles cannot be compared."""
    cost: int
    """The binary logarithm of scrypt's cost of each patient."""
    images: str
    """Two hashes of each image, of its file and of its pixels, 8 bytes each, in ascending order, in base64."""
    patients: str | None
    """The hashes of the patients in the same way; None if the patient of an image is not known."""
    source: str | None = field(default=None, metadata=OPTIONAL)
    """The data source of the images, in an earlier record: names of patients mean the same in one source only."""
    earlier: tuple[SeenDocument, ...] | None = field(default=None, metadata=OPTIONAL)
    """The records of the models whose weights training started from; None if it started from no trained model."""
    complete: bool | None = field(default=None, metadata=OPTIONAL)
    """False if it is not known what one of these models was trained on."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """The images that a model was trained and validated on, by hashes of their files and pixels, and their patients."""

    salt: bytes
    cost: int
    images: Hashes
    patients: Hashes | None
    """None if the patient of an image is not known."""
    source: str | None = None
    """The data source of the images; None if it is that in the configuration of the model."""
    earlier: tuple[Seen, ...] = ()
    """What was seen by the models whose weights training started from, one after the other. None of them has any."""
    complete: bool = True
    """Whether it is known what all of these models were trained on."""

    @classmethod
    def unknown(cls) -> Seen:
        """Return the record of a trained model that does not say what it was trained on."""
        return cls(salt=bytes(SALT_BYTES), cost=LEAST_COST, images=_from_bytes(b""), patients=None, complete=False)

    @classmethod
    def record(cls, digests: Iterable[bytes], patients: Iterable[str] | None) -> Seen:
        """Return the record of images, by hashes of their files and of their pixels, and of patients, by name."""
        salt = secrets.token_bytes(SALT_BYTES)
        names = None if patients is None else sorted(set(patients))
        cost = _cost(len(names or ()))
        return cls(
            salt=salt,
            cost=cost,
            images=np.unique(hash_images(digests, salt)),
            patients=None if names is None else np.unique(hash_patients(names, salt, cost)),
        )

    def has_images(self, digests: Sequence[bytes | None]) -> NDArray[np.bool_]:
        """Return for each image, by the hash of its file or of its pixels, whether it is recorded."""
        known = [index for index, digest in enumerate(digests) if digest is not None]
        found = np.zeros(len(digests), dtype=bool)
        found[known] = np.isin(hash_images((digests[index] or b"" for index in known), self.salt), self.images)
        return found

    def has_patients(self, names: Sequence[str]) -> NDArray[np.bool_]:
        """Return for each patient whether one of the same name is recorded."""
        if self.patients is None or not len(self.patients):
            return np.zeros(len(names), dtype=bool)
        return np.isin(hash_patients(names, self.salt, self.cost), self.patients)

    def after(self, first: Seen) -> Seen:
        """Return this record with what a model had seen whose weights training started from.

        Args:
            first: The record of that model, with the data source of its images.
        """
        records = (replace(first, earlier=(), complete=True), *first.earlier)
        earlier = tuple(record for record in records if len(record.images))
        return replace(self, earlier=earlier, complete=first.complete)

    @property
    def before(self) -> Seen | None:
        """What the model had seen whose weights training started from; None if it started from no trained model."""
        if not self.earlier:
            return None if self.complete else Seen.unknown()
        return replace(self.earlier[0], earlier=self.earlier[1:], complete=self.complete)

    @property
    def digest(self) -> str:
        """A hash of the record."""
        return hashlib.sha256(json.dumps(self.to_document(), sort_keys=True).encode()).hexdigest()

    def to_document(self) -> dict[str, object]:
        """Return the contents of seen.json."""
        found: dict[str, object] = plain(self._typed_document())
        return found

    def _typed_document(self) -> SeenDocument:
        linked = bool(self.earlier) or not self.complete
        return SeenDocument(
            format=FORMAT_WITH_EARLIER if linked else FORMAT,
            salt=self.salt.hex(),
            cost=self.cost,
            images=_to_text(self.images),
            patients=None if self.patients is None else _to_text(self.patients),
            source=self.source,
            earlier=tuple(record._typed_document() for record in self.earlier) if linked else None,
            complete=self.complete if linked else None,
        )


def read_seen(folder: Path) -> Seen | None:
    """Return the record in a bundle; None if it has none."""
    try:
        return seen_from_document(read_described(folder, "seen", at_most=MAX_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BundleError(
            f"{SEEN} cannot be read: {error}", where=str(folder), hint="download the bundle again"
        ) from error


def hash_images(digests: Iterable[bytes], salt: bytes) -> Hashes:
    """Return the salted hashes of hashes of files or pixels."""
    prefix = hashlib.sha256(b"image\0" + salt)
    hashes = bytearray()
    for digest in digests:
        own = prefix.copy()
        own.update(digest)
        hashes += own.digest()[:HASH_BYTES]
    return _from_bytes(bytes(hashes))


def hash_patients(names: Sequence[str], salt: bytes, cost: int) -> Hashes:
    """Return the salted hashes of patients, from their names, without regard to case and spelling in Unicode."""

    def hashed(index: int) -> bytes:
        name = same_for_one_patient(names[index]).encode()
        return hashlib.scrypt(name, salt=b"patient\0" + salt, n=1 << cost, r=8, p=1, maxmem=1 << 26, dklen=HASH_BYTES)

    return _from_bytes(b"".join(map_ordered(len(names), hashed)))


def _cost(names: int) -> int:
    """Return the binary logarithm of the cost of each of this many names."""
    return max(LEAST_COST, min(MOST_COST, TOTAL_COST - max(names - 1, 0).bit_length()))


def seen_from_document(document: object) -> Seen:
    """Return the record in a document from anybody; a ValueError says what is wrong."""
    if isinstance(document, dict) and document.get("format") not in (FORMAT, FORMAT_WITH_EARLIER):
        raise ValueError(
            f"it has format {quoted(document.get('format'))}, but this version reads the formats {FORMAT} and "
            f"{FORMAT_WITH_EARLIER}"
        )
    return _checked(from_plain(SeenDocument, document))


def _checked(read: SeenDocument) -> Seen:
    """Return the record in a document; a ValueError says what is wrong."""
    linked = read.format == FORMAT_WITH_EARLIER
    if linked != (read.earlier is not None) or linked != (read.complete is not None):
        raise ValueError("earlier and complete belong to format 2, and only to it")
    if any(record.format != FORMAT for record in read.earlier or ()):
        raise ValueError("an earlier record cannot have earlier ones")
    try:
        salt = bytes.fromhex(read.salt)
    except ValueError as error:
        raise ValueError("salt must be hexadecimal") from error
    if len(salt) != SALT_BYTES:
        raise ValueError(f"salt must have {SALT_BYTES} bytes, not {len(salt)}")
    if not LEAST_COST <= read.cost <= MOST_COST:
        raise ValueError(f"cost must be from {LEAST_COST} to {MOST_COST}, not {quoted(read.cost)}")
    return Seen(
        salt=salt,
        cost=read.cost,
        images=_from_text(read.images, "images"),
        patients=None if read.patients is None else _from_text(read.patients, "patients"),
        source=read.source,
        earlier=tuple(map(_checked, read.earlier or ())),
        complete=read.complete is not False,
    )


def _to_text(hashes: Hashes) -> str:
    return base64.b64encode(hashes.astype(">u8").tobytes()).decode("ascii")


def _from_text(text: str, key: str) -> Hashes:
    """Return hashes from base64; a ValueError names the key if they are not strictly ascending."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(f"{key} must be base64") from error
    if len(data) % HASH_BYTES:
        raise ValueError(f"{key} must have {HASH_BYTES} bytes for each hash, not {len(data)} in total")
    hashes = _from_bytes(data)
    if np.any(hashes[1:] <= hashes[:-1]):
        raise ValueError(f"{key} must be in ascending order, each hash once")
    return hashes


def _from_bytes(data: bytes) -> Hashes:
    return np.frombuffer(data, dtype=">u8").astype(np.uint64)
