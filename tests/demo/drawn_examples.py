"""The tiles that the page offers, drawn once for all tests: they are the same every time."""

from __future__ import annotations

from functools import cache

from zoo_demo.examples import Example, draw_examples


@cache
def drawn_examples() -> tuple[Example, ...]:
    """Return what `draw_examples` returns."""
    return draw_examples()
