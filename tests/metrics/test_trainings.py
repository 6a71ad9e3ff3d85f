from __future__ import annotations

import pytest

from zoo.metrics.trainings import trainings_in_words


@pytest.mark.parametrize(
    ("seeds", "folds", "splits", "words"),
    [
        (1, None, 1, "one training of each model"),
        (3, None, 1, "3 seeds of training on one split"),
        (3, None, 3, "3 seeds, each with its own split"),
        (1, 1, 1, "one training of each model"),
        (1, 5, 5, "5 folds of one split"),
        (2, 5, 5, "2 seeds of training on the same 5 folds"),
        (2, 5, 10, "2 seeds, each with its own 5 folds"),
    ],
)
def test_it_is_said_whether_seeds_have_one_split_or_their_own(
    seeds: int, folds: int | None, splits: int, words: str
) -> None:
    assert trainings_in_words(seeds=seeds, folds=folds, splits=splits) == words
