"""Patches named like 10253_idx5_x1351_y1101_class0.png: patient, slide, place in the slide, class."""

from __future__ import annotations

import re
from pathlib import Path

from zoo.data import Manifest, Sample, images_below, one_of_each
from zoo.errors import DataError

CLASSES = ("negative", "positive")
NAME = re.compile(r"(?P<patient>\d+)_idx\d+_x(?P<x>\d+)_y(?P<y>\d+)_class(?P<label>[01])\.png")


def recognise(path: Path) -> bool:
    """Tell whether such a patch lies anywhere below the folder."""
    return path.is_dir() and any(NAME.fullmatch(image.name) for image, _ in images_below(path))


def read(root: Path) -> Manifest:
    """List the patches below a folder."""
    named = [path for path, _ in images_below(root) if NAME.fullmatch(path.name)]
    samples = []
    for path in one_of_each(named, root):  # the archive on Kaggle holds every patch twice
        if found := NAME.fullmatch(path.name):
            label = CLASSES[int(found["label"])]
            samples.append(Sample(path=path, key=path.name, label=label, group=found["patient"]))
    if not samples:
        raise DataError("no patch named like 10253_idx5_x1351_y1101_class0.png lies here", where=str(root))
    return Manifest(source="idc", name="IDC", classes=CLASSES, samples=tuple(samples))
