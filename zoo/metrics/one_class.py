"""A classifier that gives every image the same class, which measures alone do not show."""

from __future__ import annotations

from collections.abc import Sequence


def one_class_note(confusion: Sequence[Sequence[int]], classes: Sequence[str], *, of: str = "images") -> str | None:
    """Return a note if every sample was predicted as the same class, although they are of several.

    Samples of one class alone do not show whether a classifier tells it from others: there is no note.

    Args:
        confusion: The confusion matrix; rows are the truth, columns the prediction.
        classes: The names of the classes.
        of: What the samples are.
    """
    predicted = [name for name, column in zip(classes, zip(*confusion, strict=True), strict=True) if any(column)]
    samples, present = sum(map(sum, confusion)), sum(map(any, confusion))
    if len(predicted) != 1 or present < 2:
        return None
    return f"all {samples:,} {of} were classified as {predicted[0]}: this model does not tell the classes apart"
