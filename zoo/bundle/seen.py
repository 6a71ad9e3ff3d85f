"""seen.json: the images and patients that a model was trained and validated on, as salted hashes that name nobody.

An image is recorded by the hashes of its file and of its pixels, each hashed again with the salt; nobody can guess
these. A patient is recorded by name, and names can be guessed, so each guess is made expensive with scrypt. That slows
down a search through all possible names, but does not prevent it: whoever knows a name, or can list all of them, can
find out whether that patient is among those recorded.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from zoo.bundle.bundle_files import SEEN, read_described
from zoo.config.plain import from_plain, plain
from zoo.errors import BundleError
from zoo.parallel import map_ordered
from zoo.text import quoted

Hashes = NDArray[np.uint64]
FORMAT = 1
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """The images that a model was trained and validated on, by hashes of their files and pixels, and their patients."""

    salt: bytes
    cost: int
    images: Hashes
    patients: Hashes | None
    """None if the patient of an image is not known."""

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

    def to_document(self) -> dict[str, object]:
        """Return the contents of seen.json."""
        document = SeenDocument(
            format=FORMAT,
            salt=self.salt.hex(),
            cost=self.cost,
            images=_to_text(self.images),
            patients=None if self.patients is None else _to_text(self.patients),
        )
        found: dict[str, object] = plain(document)
        return found


def read_seen(folder: Path) -> Seen | None:
    """Return the record in a bundle; None if it has none."""
    try:
        return _from_document(read_described(folder, "seen", at_most=MAX_BYTES))
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
        name = normalize("NFKC", names[index]).strip().casefold().encode()
        return hashlib.scrypt(name, salt=b"patient\0" + salt, n=1 << cost, r=8, p=1, maxmem=1 << 26, dklen=HASH_BYTES)

    return _from_bytes(b"".join(map_ordered(len(names), hashed)))


def _cost(names: int) -> int:
    """Return the binary logarithm of the cost of each of so many names."""
    return max(LEAST_COST, min(MOST_COST, TOTAL_COST - max(names - 1, 0).bit_length()))


def _from_document(document: object) -> Seen:
    """Return the record in a document from anybody; a ValueError says what is wrong."""
    if isinstance(document, dict) and document.get("format") != FORMAT:
        raise ValueError(f"it has format {quoted(document.get('format'))}, but this version reads format {FORMAT}")
    read = from_plain(SeenDocument, document)
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
