"""The built-in sample: synthetic tiles, drawn once to the cache with the folders and file names of BreakHis."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from zoo.data.cache import cache_folder, lock_of
from zoo.data.manifest import SYNTHETIC, Manifest
from zoo.data.sources import breakhis
from zoo.errors import DataError
from zoo.files import atomic_folder
from zoo.locks import locked_in_turn
from zoo.progress import Reporter
from zoo.synthetic import Patient, draw_tile, patients

VERSION = 1
"""Increased whenever the drawing changes, so that an old sample in a cache is not used."""
HEIGHT, WIDTH = 230, 350
WAITING = "another process is drawing the synthetic sample: waiting for it"


def read(*, progress: Reporter, seed: int) -> Manifest:
    """Return the manifest of the sample with this seed; draw it if it is not in the cache."""
    folder = cache_folder() / f"sample-{VERSION}-{seed}"
    root = folder / "BreaKHis_v1"
    if not root.is_dir():
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with locked_in_turn(lock_of(folder), waiting=lambda: progress.say(WAITING)):
                if not root.is_dir():
                    _draw(folder, seed, progress)
        except OSError as error:
            raise DataError(
                f"the synthetic sample cannot be written: {error.strerror or error}",
                where=str(cache_folder()),
                hint="set ZOO_CACHE to a folder that you can write to",
            ) from error
    drawn = breakhis.read(root)
    return replace(drawn, source="sample", name="the synthetic sample", synthetic=True)


def _draw(folder: Path, seed: int, progress: Reporter) -> None:
    """Draw all tiles to a folder that appears when it is complete."""
    with atomic_folder(folder, locked=True) as part:
        tiles = list(_tiles(part / "BreaKHis_v1", seed))
        with (
            progress.track("drawing the synthetic sample", len(tiles), "tiles") as task,
            ThreadPoolExecutor() as pool,
        ):
            for _ in pool.map(partial(_write, seed=seed), *zip(*tiles, strict=True)):
                task.advance()
        (part / "BreaKHis_v1" / SYNTHETIC).write_text("Drawn by histozoo. Not tissue.\n", encoding="utf-8")


def _tiles(root: Path, seed: int) -> Iterator[tuple[Patient, int, Path]]:
    """Yield the patient, the number and the path of every tile."""
    for patient in patients(seed):
        label, letter = ("malignant", "M") if patient.malignant else ("benign", "B")
        slide = f"SOB_{letter}_{patient.subtype}-{patient.slide}"
        subtype = breakhis.SUBTYPES[patient.subtype]
        folder = root / "histology_slides" / "breast" / label / "SOB" / subtype / slide / "40X"
        for index in range(patient.tiles):
            yield patient, index, folder / f"{slide}-40-{index + 1:03d}.png"


def _write(patient: Patient, index: int, path: Path, *, seed: int) -> None:
    """Draw a tile and write it to a file."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(draw_tile(patient, index, seed=seed, size=(HEIGHT, WIDTH))).save(path, compress_level=3)
