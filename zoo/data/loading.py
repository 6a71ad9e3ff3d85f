"""Images decoded and brought to size once, before training begins."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from zoo.data.images import pixels, read_image
from zoo.data.manifest import Sample
from zoo.progress import Watcher
from zoo.spec import Preprocessing


def load_pixels(samples: Sequence[Sample], preprocessing: Preprocessing, watch: Watcher) -> np.ndarray:
    """All samples as one array of N x height x width x 3 8-bit values; Pillow decodes beside the interpreter."""
    store = np.empty((len(samples), preprocessing.height, preprocessing.width, 3), dtype=np.uint8)

    def load(index: int) -> None:
        store[index] = pixels(read_image(samples[index].path), preprocessing)

    with (
        watch.track("reading images", len(samples), "images") as task,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        for _ in pool.map(load, range(len(samples))):
            task.advance()
    return store
