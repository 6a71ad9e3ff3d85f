"""Facts about image files: their format, size and stain, and a hash of their pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zoo.data.images import has_more_pages, open_image, pixel_digest, rgb
from zoo.data.manifest import Sample
from zoo.data.near_identical import NearIdentical, find_near_identical, thumbnail
from zoo.data.near_identical.thumbnails import SIDE
from zoo.data.optical_density import densities
from zoo.errors import DataError
from zoo.parallel import map_ordered
from zoo.progress import Reporter

THUMBNAIL = 64
"""The side in pixels of the small copy that the stain is measured on."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageFacts:
    """The facts about one image, or the error if it cannot be read."""

    error: str | None = None
    format: str = ""
    mode: str = ""
    width: int = 0
    height: int = 0
    several_frames: bool = False
    """Whether it is an animation or a stack, of which only the first image is read."""
    content: bytes | None = None
    """A hash of the decoded image, the same for two files with the same pixels."""
    thumbnail: np.ndarray | None = None
    """A small gray copy, which near-identical images are found by."""
    stain: tuple[float, float] = (0.0, 0.0)
    """The mean optical density of hematoxylin and of eosin, a decimal logarithm."""


def read_image_facts(path: Path) -> ImageFacts:
    """Decode a file and return its facts, or the error."""
    try:
        with open_image(path) as image:
            file_format, mode = image.format or "", image.mode
            picture = rgb(image, where=str(path))
            several = has_more_pages(image)
    except DataError as error:
        return ImageFacts(error=error.message)
    small = np.asarray(picture.resize((THUMBNAIL, THUMBNAIL)), dtype=np.float64) / 255
    hematoxylin, eosin = densities(small).reshape(-1, 3).mean(axis=0)[:2]
    return ImageFacts(
        format=file_format,
        mode=mode,
        width=picture.width,
        height=picture.height,
        several_frames=several,
        content=pixel_digest(picture),
        thumbnail=thumbnail(picture),
        stain=(float(hematoxylin), float(eosin)),
    )


def facts_of_images(samples: Sequence[Sample], progress: Reporter) -> list[ImageFacts]:
    """Return the facts about every image."""
    facts = []
    with progress.track("inspecting images", len(samples), "images") as task:
        for image in map_ordered(len(samples), lambda index: read_image_facts(samples[index].path)):
            facts.append(image)
            task.advance()
    return facts


def near_identical_images(facts: Sequence[ImageFacts]) -> NearIdentical:
    """Return the pairs of near-identical images; those that cannot be read are not compared."""
    nothing = np.zeros((SIDE, SIDE), dtype=np.uint8)
    thumbnails = np.stack([nothing if image.thumbnail is None else image.thumbnail for image in facts])
    return find_near_identical(thumbnails, [image.content for image in facts])
