"""Which images were measured, as a hash: the same for two models that were measured on the same images."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from zoo.data.pixels.prepare import Prepared


def images_hash(prepared: Prepared, indices: Sequence[int]) -> str:
    """Return a hash of the names and bytes of some images, in any order.

    The bytes are in it so that nobody can try names: who guesses one would need the image as well.

    Args:
        prepared: The data.
        indices: The images.
    """
    samples, files = prepared.manifest.samples, prepared.file_digests
    digest = hashlib.sha256()
    for key, index in sorted((samples[index].key, index) for index in indices):
        content = files[index]
        digest.update(f"{key}\0{content.hex() if content else ''}\n".encode())
    return digest.hexdigest()
