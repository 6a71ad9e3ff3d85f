"""Patches named like 10253_idx5_x1351_y1101_class0.png: patient, slide, position in the slide, class."""

from __future__ import annotations

import re
from pathlib import Path

from zoo.data import Manifest, Sample, images_below, one_of_each
from zoo.errors import DataError

CLASSES = ("negative", "positive")
NAME = re.compile(r"(?P<patient>\d+)_idx\d+_x(?P<x>\d+)_y(?P<y>\d+)_class(?P<label>[01])\.png")


def recognize(path: Path) -> bool:
    """Return whether a folder contains a patch with a name of IDC, at any depth."""
    return path.is_dir() and any(NAME.fullmatch(image.name) for image, _ in images_below(path))


def read(root: Path) -> Manifest:
    """Return the manifest of the patches in a folder."""
    named = [path for path, _ in images_below(root) if NAME.fullmatch(path.name)]
    samples = []
    for path in one_of_each(named, root):  # the archive on Kaggle contains every patch twice
        if name := NAME.fullmatch(path.name):
            label = CLASSES[int(name["label"])]
            samples.append(Sample(path=path, key=path.name, label=label, group=name["patient"]))
    if not samples:
        raise DataError(
            "this folder contains no IDC patches, with names such as 10253_idx5_x1351_y1101_class0.png", where=str(root)
        )
    return Manifest(source="idc", name="IDC", classes=CLASSES, samples=tuple(samples))
