"""Kim and Kang's lung cells, in the folders Good Cancer, Bad Cancer, Good Non Cancer and Bad Non Cancer.

Good and bad are the quality of the image; the classes are cancer and non-cancer.
"""

from __future__ import annotations

import re
from pathlib import Path

from zoo.data.manifest import Manifest, Sample
from zoo.data.sources.image_files import folders_in, images_below
from zoo.errors import DataError

CLASSES = ("non-cancer", "cancer")
_FOLDER = re.compile(r"(good|bad)(non)?cancer")


def recognize(path: Path) -> bool:
    """Return whether a folder contains folders of both classes."""
    if not path.is_dir():
        return False
    matches = [_FOLDER.fullmatch(_plain(folder.name)) for folder in folders_in(path)]
    return {bool(match[2]) for match in matches if match} == {True, False}


def read(root: Path) -> Manifest:
    """Return the manifest of the four folders, with any spelling of spaces, hyphens, underscores and case."""
    samples = []
    for folder in folders_in(root):
        match = _FOLDER.fullmatch(_plain(folder.name))
        if match is None:
            continue
        quality, non = match.groups()
        label = CLASSES[0] if non else CLASSES[1]
        samples += [
            Sample(path=path, key=f"{quality}-{label}/{key}", label=label, facts={"quality": quality})
            for path, key in images_below(folder)
        ]
    if {sample.label for sample in samples} != set(CLASSES):
        raise DataError(
            "folders with images of both classes, cancer and non-cancer, are needed",
            where=str(root),
            hint="name the folders Good Cancer, Bad Cancer, Good Non Cancer and Bad Non Cancer",
        )
    return Manifest(source="lung", name="lung cells", classes=CLASSES, samples=tuple(samples))


def _plain(name: str) -> str:
    """Return a folder name in small letters, without spaces and punctuation."""
    return re.sub(r"[\W_]+", "", name).lower()
