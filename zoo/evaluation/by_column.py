"""The measures by a column of the manifest: magnification, subtype, scanner, or any other fact of the images."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from zoo.data.manifest import Manifest, Sample
from zoo.errors import UnknownNameError, UsageError
from zoo.metrics.breakdown import FEW, Breakdown, PartOfImages
from zoo.metrics.outputs import Outputs
from zoo.text import cut_short, printable, quoted

PATIENT = "patient"
"""The column of the patients, unless the data have another one of this name."""
MOST_PARTS = 100
"""A column with more different values does not divide the images into parts that can be compared."""


def check_columns(manifest: Manifest, columns: Sequence[str]) -> None:
    """Raise an UnknownNameError unless the images have these columns."""
    known = {name for sample in manifest.samples for name in sample.facts}
    if any(sample.group is not None for sample in manifest.samples):
        known.add(PATIENT)
    for column in columns:
        if column not in known:
            hint = None if known else "these images have labels and no other column"
            raise UnknownNameError("column", column, known, where=manifest.name, hint=hint)


def break_down(samples: Sequence[Sample], column: str, outputs: Outputs) -> Breakdown:
    """Return the measures of the images with each value of a column.

    Args:
        samples: The images.
        column: The name of the column.
        outputs: The network's outputs for these images.
    """
    values = values_of(samples, column)
    parts = []
    for value in _in_order(set(values)):
        found = outputs.of([index for index, one in enumerate(values) if one == value]).measure()
        units = found.samples if found.groups is None else found.groups
        parts.append(
            PartOfImages(value=None if value is None else printable(value), measures=found, few=units < FEW[found.unit])
        )
    return Breakdown(column=column, parts=tuple(parts))


def values_of(samples: Sequence[Sample], column: str) -> list[str | None]:
    """Return the value of a column for each image, None where it is empty; raise an error if there are too many."""
    values = [_value(sample, column) for sample in samples]
    found = Counter(values)
    if len(found) > MOST_PARTS:
        examples = cut_short([quoted(value) for value, _ in found.most_common(3)], 3)
        raise UsageError(
            f"the column {quoted(column)} has {len(found):,} different values, such as {examples}",
            hint=f"--by takes a column with at most {MOST_PARTS}, such as the magnification or the scanner",
        )
    return values


def _value(sample: Sample, column: str) -> str | None:
    """Return the value of a column for an image; None if it has none."""
    if column in sample.facts:
        return sample.facts[column].strip() or None
    return sample.group if column == PATIENT else None


def _in_order(values: set[str | None]) -> list[str | None]:
    """Return values in order: numbers by size, then texts, and the missing value last."""
    known = [value for value in values if value is not None]
    return [*sorted(known, key=lambda value: (_number(value), value)), *([None] if None in values else [])]


def _number(value: str) -> float:
    """Return the number that a value begins with, such as 40 for "40X"; infinity for a text, and for "nan"."""
    try:
        number = float(value.rstrip("xX"))
    except ValueError:
        return math.inf
    return number if math.isfinite(number) else math.inf
