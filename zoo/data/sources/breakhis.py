"""BreakHis, read from its file names, such as SOB_M_MC-14-18842D-40-002.png.

A name consists of the biopsy method, class, subtype, year and number of the case, letters of the slide, magnification
and number of the image. Nothing else is needed, so any folder of the original tree can be read, or a flat folder.

The complete set has 82 folders of slides, and its authors speak of 82 patients, but only 70 case numbers: some folders
differ in their letters only, such as 14-18842 and 14-18842D, and 14-13412 has a folder under two subtypes. Whether
other letters mean another patient is not known, so by default a case is one patient, the careful choice.
"""

from __future__ import annotations

import re
from pathlib import Path

from zoo.data.manifest import Manifest, Sample
from zoo.data.sources.image_files import files_below, one_of_each
from zoo.errors import DataError

NAME = re.compile(
    r"SOB_(?P<label>[BM])_(?P<subtype>[A-Z]{1,2})-(?P<year>\d\d)-(?P<slide>\d+)(?P<letters>[A-Z]*)"
    r"-(?P<magnification>\d+)-(?P<number>\d+)\.png",
    re.IGNORECASE,
)
CLASSES = {"B": "benign", "M": "malignant"}
SUBTYPES = {
    "A": "adenosis",
    "F": "fibroadenoma",
    "PT": "phyllodes_tumor",
    "TA": "tubular_adenoma",
    "DC": "ductal_carcinoma",
    "LC": "lobular_carcinoma",
    "MC": "mucinous_carcinoma",
    "PC": "papillary_carcinoma",
}


def recognize(path: Path) -> bool:
    """Return whether a folder contains a file with a name of BreakHis, at any depth."""
    return path.is_dir() and any(NAME.fullmatch(file.name) for file in files_below(path))


def read(root: Path, *, magnification: str = "all", labels: str = "class", patient: str = "case") -> Manifest:
    """Return the manifest of the images in a folder.

    Args:
        root: The folder.
        magnification: The magnification of the images, such as "40", or "all".
        labels: `class` for benign and malignant, `subtype` for the eight subtypes.
        patient: `case` if the letters of a slide are not part of its patient's name, `folder` if they are.
    """
    named = (path for path in files_below(root) if NAME.fullmatch(path.name))
    samples = [sample for path in one_of_each(named, root) if (sample := _sample(path, labels, patient))]
    if not samples:
        raise DataError(
            "this folder contains no BreakHis images, with names such as SOB_M_DC-14-11031-40-002.png",
            where=str(root),
            hint="point --root at the unpacked BreaKHis_v1 folder, or use --data folder",
        )
    kept = [sample for sample in samples if magnification in ("all", sample.facts["magnification"])]
    if not kept:
        available = sorted({sample.facts["magnification"] for sample in samples}, key=int)
        raise DataError(f"no image at {magnification}X", where=str(root), hint=f"available: {', '.join(available)}")
    name = "BreakHis" if magnification == "all" else f"BreakHis {magnification}X"
    classes = tuple(CLASSES.values() if labels == "class" else SUBTYPES.values())
    return Manifest(source="breakhis", name=name, classes=classes, samples=tuple(kept))


def _sample(path: Path, labels: str, patient: str) -> Sample | None:
    """Return the sample of an image; None if its name is not one of BreakHis."""
    name = NAME.fullmatch(path.name)
    if name is None:
        return None
    subtype = name["subtype"].upper()
    label = CLASSES[name["label"].upper()]
    case = f"{name['year']}-{name['slide']}"
    slide = f"{case}{name['letters'].upper()}"
    return Sample(
        path=path,
        key=path.name,
        label=label if labels == "class" else SUBTYPES.get(subtype, subtype),
        group=case if patient == "case" else f"{subtype}-{slide}",
        facts={
            "magnification": name["magnification"],
            "subtype": SUBTYPES.get(subtype, subtype),
            "case": case,
            "slide": slide,
        },
    )
