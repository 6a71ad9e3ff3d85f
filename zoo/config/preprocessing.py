"""The sizes and numbers that preprocessing may have, wherever it is from: a plugin, a user, a bundle."""

from __future__ import annotations

from zoo.config.fields import Range
from zoo.errors import UsageError
from zoo.spec import Preprocessing
from zoo.text import quoted

MAX_PIXELS = 2048 * 2048
"""How many pixels an input has at most. An image may be small, but is enlarged to this size before anything else."""
_RANGES = {
    "height": Range(at_least=1, at_most=65_536),
    "width": Range(at_least=1, at_most=65_536),
    "mean": Range(at_least=-1e6, at_most=1e6),
    "crop_pct": Range(at_least=0.05, at_most=1),
    "std": Range(at_least=1e-6, at_most=1e6),
}


def check_preprocessing(preprocessing: Preprocessing) -> None:
    """Raise a UsageError for a size, mean or standard deviation that is out of range."""
    for name, allowed in _RANGES.items():
        value = getattr(preprocessing, name)
        for number in value if isinstance(value, tuple) else (value,):
            if number not in allowed:
                raise UsageError(f"preprocessing.{name} must be {allowed}, not {quoted(number)}")
    height, width = preprocessing.height, preprocessing.width
    if height * width > MAX_PIXELS:
        raise UsageError(
            f"images of {height}x{width} are too large: an input has at most {MAX_PIXELS:,} pixels",
            hint="cut tiles out of larger images",
        )
