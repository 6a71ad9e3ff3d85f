"""At what magnification and size images were taken, and whether those of an evaluation differ from the training's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zoo.config.plain import OPTIONAL
from zoo.text import listed

SAME_SIZE = 1.1
"""Sizes that differ by less than this factor count as the same."""


@dataclass(frozen=True, kw_only=True)
class ImageScale:
    """The magnifications of images, and their size in pixels before they are resized."""

    magnifications: Mapping[str, int]
    """The number of images at each magnification; empty if it is not known."""
    width: int | None
    """The median width; None if it is not known."""
    height: int | None
    """The median height."""
    unstated: int | None = field(default=None, metadata=OPTIONAL)
    """The number of images that state no magnification; None if all do, or none does."""


@dataclass(frozen=True, kw_only=True)
class ScaleChange:
    """The images of an evaluation that have another magnification or size than those of the training."""

    trained: ImageScale
    evaluated: ImageScale

    def __str__(self) -> str:
        return "; ".join(
            filter(None, [_magnification(self.trained, self.evaluated), _size(self.trained, self.evaluated)])
        )


def scale_change(trained: ImageScale | None, evaluated: ImageScale) -> ScaleChange | None:
    """Return how images differ in scale from those of the training; None if they do not, or if it is not known.

    Args:
        trained: The scale of the training data; None if it is not known.
        evaluated: The scale of the images that are evaluated.
    """
    if trained is None:
        return None
    change = ScaleChange(trained=trained, evaluated=evaluated)
    return change if str(change) else None


def normalized_magnification(text: str) -> str:
    """Return a magnification in one spelling: "40" for "40X", "40.0" and " 40x"."""
    number = text.strip().rstrip("xX× ")
    try:
        return f"{float(number):g}"
    except ValueError:
        return text.strip()


def _magnification(trained: ImageScale, evaluated: ImageScale) -> str:
    """Return how the magnifications differ, or an empty text."""
    if not trained.magnifications:
        return ""
    known, silent = _in_words(trained.magnifications), trained.unstated or 0
    if silent:
        known += f" ({silent:,} of its {_images(trained):,} images {_state(silent)} no magnification)"
    if not evaluated.magnifications:
        return f"the model was trained at {known}, and the magnification of these images is not known"
    other = {name: count for name, count in evaluated.magnifications.items() if name not in trained.magnifications}
    count, total, unstated = sum(other.values()), _images(evaluated), evaluated.unstated or 0
    share = "these images are" if count == total else f"{count:,} of these {total:,} images are"
    there = [f"{share} at {_in_words(other)}"] if other else []
    if unstated and (other or not silent):
        there.append(
            f"{unstated:,}{'' if other else f' of these {total:,} images'} {_state(unstated)} no magnification"
        )
    return ", and ".join([f"the model was trained at {known}", *there]) if there else ""


def _images(scale: ImageScale) -> int:
    """Return the number of images, whether or not they state a magnification."""
    return sum(scale.magnifications.values()) + (scale.unstated or 0)


def _state(count: int) -> str:
    """Return the verb for this many images."""
    return "states" if count == 1 else "state"


def _in_words(magnifications: Mapping[str, int]) -> str:
    """Return magnifications as text: "40x and 100x"."""
    return listed([f"{name}x" if name[:1].isdigit() else name for name in magnifications])


def _size(trained: ImageScale, evaluated: ImageScale) -> str:
    """Return how the sizes differ, or an empty text."""
    sides = [(trained.width, evaluated.width), (trained.height, evaluated.height)]
    ratios = [max(one, other) / min(one, other) for one, other in sides if one and other]
    if not ratios or max(ratios) < SAME_SIZE:
        return ""
    return (
        f"the model was trained on images of {trained.width}x{trained.height} pixels, and these have "
        f"{evaluated.width}x{evaluated.height}: resized to the same input, the same tissue looks larger or smaller"
    )
