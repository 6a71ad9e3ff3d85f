"""How a split was made, as text."""

from __future__ import annotations


def split_method(*, unit: str, seed: int | None, folds: int | None, fold: int | None, file: bool | None) -> str:
    """Return how a split was made, to follow the word "split": "by patient, seed 7", or "given by the data".

    Args:
        unit: What the split keeps in one part: `patient`, `image`, or `fixed` if the data or a file state the parts.
        seed: The seed of the split.
        folds: The number of folds of a cross-validation; None if there is no cross-validation.
        fold: The fold that is the test part, counted from 0.
        file: Whether a file stated the split.
    """
    if unit == "fixed":
        return "given by a file" if file else "given by the data"
    which = "" if folds is None else f", fold {fold} of {folds} (counted from 0)"
    return f"by {unit}{which}, seed {seed}"
