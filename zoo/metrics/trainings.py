"""How often models were trained, as text."""

from __future__ import annotations


def trainings_in_words(*, seeds: int, folds: int | None, splits: int) -> str:
    """Return how often each model was trained, and on how many splits: "3 seeds of training on one split".

    Args:
        seeds: The number of training seeds.
        folds: The number of folds that were trained; None, or 1, without a cross-validation.
        splits: The number of different splits, each fold being one.
    """
    if folds is None or folds == 1:
        if seeds == 1:
            return "one training of each model"
        return f"{seeds} seeds of training on one split" if splits == 1 else f"{seeds} seeds, each with its own split"
    if seeds == 1:
        return f"{folds} folds of one split"
    return (
        f"{seeds} seeds of training on the same {folds} folds"
        if splits <= folds
        else (f"{seeds} seeds, each with its own {folds} folds")
    )
