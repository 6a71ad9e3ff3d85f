"""What the models say of several uploaded images, read and analyzed in as few jobs as their size allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from zoo.errors import DataError, ZooError
from zoo_demo.analyzer import Analyzer
from zoo_demo.batch_html import BatchRow
from zoo_demo.browser_input import read_tile, uploaded_file
from zoo_demo.limits import MAX_PIXELS
from zoo_demo.models import PageModel
from zoo_demo.uploads import Uploads


def batch_rows(
    files: Sequence[Any], models: Sequence[PageModel], *, analyzer: Analyzer, uploads: Uploads
) -> list[BatchRow]:
    """Return a row for each file. The decoded images of one job are together at most as large as the largest tile.

    Args:
        files: What the browser sends for uploaded files.
        models: Some models of the page.
        analyzer: Analyzes tiles with the models of the page.
        uploads: The uploaded files, the only ones that are read.
    """
    rows: list[BatchRow] = []
    job: dict[int, Image.Image] = {}

    def finish_job() -> None:
        for number, found in zip(job, analyzer.analyze_all([*job.values()], models, None, None), strict=True):
            if isinstance(found, ZooError):
                rows[number] = replace(rows[number], error=found.message)
            else:
                rows[number] = replace(rows[number], analyses=tuple(found))
        job.clear()

    for number, file in enumerate(files):
        name = Path(str(file.get("orig_name") or file.get("path"))).name if isinstance(file, dict) else ""
        try:
            image = _read(file, uploads)
        except ZooError as error:
            rows.append(BatchRow(image=name, error=error.message))
            continue
        if job and sum(map(_pixels, (image, *job.values()))) > MAX_PIXELS:
            finish_job()
        rows.append(BatchRow(image=name))
        job[number] = image
    if job:
        finish_job()
    return rows


def _read(file: Any, uploads: Uploads) -> Image.Image:
    path = uploaded_file(file, uploads)
    if path is None:
        raise DataError("this is not an uploaded file")
    return read_tile(path).image


def _pixels(image: Image.Image) -> int:
    return image.width * image.height
