from __future__ import annotations

from collections import Counter

import numpy as np

from zoo.data.sampler import draw_numbers, epoch_order

LABELS = np.array([0] * 90 + [1] * 20 + [2] * 7)
TRAIN = np.arange(0, 117, 2)
OWN = Counter(LABELS[TRAIN].tolist())


def _order(sampling: str, **changed: int) -> np.ndarray:
    place = {"seed": 0, "epoch": 1, **changed}
    return epoch_order(TRAIN, LABELS, sampling=sampling, **place)  # type: ignore[arg-type]


def test_natural_sampling_gives_every_image_once() -> None:
    assert sorted(_order("natural").tolist()) == TRAIN.tolist()


def test_balanced_sampling_gives_every_class_the_size_of_the_largest_and_every_image() -> None:
    order = _order("balanced")
    assert Counter(LABELS[order].tolist()) == dict.fromkeys(OWN, max(OWN.values()))
    assert set(order.tolist()) == set(TRAIN.tolist())
    assert max(Counter(order[LABELS[order] == 0].tolist()).values()) == 1


def test_balanced_sampling_repeats_other_images_in_another_epoch() -> None:
    first, second = (Counter(_order("balanced", epoch=epoch).tolist()) for epoch in (1, 2))
    assert first != second


def test_balanced_sampling_spreads_classes_over_the_epoch() -> None:
    half = len(_order("balanced")) // 2
    for label in OWN:
        assert 0.3 < (LABELS[_order("balanced")[:half]] == label).sum() / max(OWN.values()) < 0.7


def test_epoch_order_depends_only_on_seed_and_epoch() -> None:
    np.random.seed(1)
    for sampling in ("natural", "balanced"):
        first = _order(sampling).tolist()
        np.random.rand(5)
        assert _order(sampling).tolist() == first
        assert _order(sampling, epoch=2).tolist() != first
        assert _order(sampling, seed=1).tolist() != first


def test_repeated_image_gets_another_draw_number_each_time() -> None:
    order = np.array([3, 1, 3, 0, 3, 1])
    assert draw_numbers(order, 10).tolist() == [3, 1, 13, 0, 23, 11]


def test_draw_number_of_an_image_that_occurs_once_is_its_index() -> None:
    order = np.array([4, 0, 2])
    assert draw_numbers(order, 5).tolist() == [4, 0, 2]
