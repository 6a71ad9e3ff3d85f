"""Tables of small images with columns of any content."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

Row = dict[str, str]


def draw_table(
    folder: Path,
    *,
    patients: int,
    images: int,
    label: Callable[[int, int], str],
    columns: Callable[[int, int], Row] = lambda patient, number: {},
    size: tuple[int, int] = (32, 32),
    known: bool = True,
) -> Path:
    """Draw an image for each patient and number, and return the table; `label` and `columns` fill its cells."""
    noise = np.random.default_rng(0)
    rows: list[Row] = []
    folder.mkdir(parents=True)
    for patient in range(patients):
        for number in range(images):
            name, called = f"{patient}-{number}.png", label(patient, number)
            middle = 90 if called == "dark" else 180
            pixels = noise.normal(middle, 40, (size[1], size[0], 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name)
            group = {"group": f"patient {patient}"} if known else {}
            rows.append({"path": name, "label": called, **group, **columns(patient, number)})
    with (folder / "table.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return folder / "table.csv"
