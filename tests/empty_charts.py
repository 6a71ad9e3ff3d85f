"""Charts that are not drawn, for tests that do not look at them: drawing takes half the time of a tiny training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from PIL import Image


@contextmanager
def empty_charts() -> Iterator[None]:
    """Save every chart as an empty picture, inside the block."""
    from matplotlib.backend_bases import FigureCanvasBase

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FigureCanvasBase, "print_figure", _print_empty)
        yield


def _print_empty(_: object, target: Any, *, format: str, **__: object) -> None:  # noqa: A002
    if format == "svg":
        target.write('<svg viewBox="0 0 1 1"></svg>')
    else:
        Image.new("RGB", (1, 1)).save(target, format)
