"""The two trainings that show what a leak is worth."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from zoo.auditing.links import Links, find_leaks
from zoo.auditing.two_trainings import plan_two_trainings
from zoo.data import Manifest, Sample
from zoo.data.near_identical import NearIdentical, NearPair
from zoo.data.split.split import Split, make_split


def _links(pairs: list[tuple[int, int]] | None = None) -> Links:
    """Thirty patients with eight images each."""
    samples = tuple(
        Sample(path=Path("x"), key=f"{number:03d}", label="ab"[number // 8 % 2], group=f"p{number // 8}")
        for number in range(240)
    )
    manifest = Manifest(source="made", name="made", classes=("a", "b"), samples=samples)
    near = tuple(NearPair(first=first, second=second, distance=0.1) for first, second in pairs or [])
    return Links(manifest=manifest, identical=(), near=NearIdentical(pairs=near, compared=240, blank=()))


def _count(links: Links, indices: tuple[int, ...]) -> Counter[int]:
    return Counter(links.manifest.labels[index] for index in indices)


@pytest.mark.parametrize("seed", range(5))
def test_both_models_have_as_many_images_of_each_class_and_the_same_test_images(seed: int) -> None:
    links = _links()
    split = make_split(links.manifest, unit="image", fractions=(0.6, 0.1, 0.3), seed=seed)
    plan = plan_two_trainings(links, split, seed=seed)
    assert not isinstance(plan, str)
    assert not plan.all_tested
    assert _count(links, plan.leaking.train) == _count(links, plan.clean.train)
    assert (plan.leaking.val, plan.leaking.test) == (plan.clean.val, plan.clean.test)
    assert set(plan.leaking.train) | set(plan.clean.train) <= set(split.train)
    assert set(plan.leaking.test) <= set(split.test)


@pytest.mark.parametrize("seed", range(5))
def test_the_clean_training_has_nothing_of_the_tested_patients_and_the_other_one_all_that_the_split_has(
    seed: int,
) -> None:
    links = _links()
    split = make_split(links.manifest, unit="image", fractions=(0.6, 0.1, 0.3), seed=seed)
    plan = plan_two_trainings(links, split, seed=seed)
    assert not isinstance(plan, str)
    tested = {index // 8 for index in plan.clean.test}
    assert not tested & {index // 8 for index in plan.clean.train}
    assert not tested & {index // 8 for index in plan.clean.val}
    assert {index for index in split.train if index // 8 in tested} <= set(plan.leaking.train)
    assert plan.leaking_test_images == sum(
        index // 8 in {i // 8 for i in plan.leaking.train} for index in plan.clean.test
    )


def test_a_small_leak_is_measured_on_the_whole_test_part() -> None:
    links = _links([(0, 200), (9, 230)])
    parts = [tuple(range(160)), (), tuple(range(160, 240))]
    split = Split(unit="fixed", seed=0, train=parts[0], val=parts[1], test=parts[2])
    leaks = find_leaks(links, split)
    assert leaks.all == {200, 230}
    plan = plan_two_trainings(links, split, seed=0)
    assert not isinstance(plan, str)
    assert plan.all_tested
    assert plan.clean.test == split.test
    assert plan.clean.train == tuple(range(16, 160))
    assert len(plan.leaking.train) == len(plan.clean.train)
    assert set(range(16)) <= set(plan.leaking.train)


def _fixed(train: range, val: range, test: range) -> Split:
    return Split(unit="fixed", seed=0, train=tuple(train), val=tuple(val), test=tuple(test))


@pytest.mark.parametrize(
    ("split", "pairs", "reason"),
    [
        (_fixed(range(160), range(0), range(160, 240)), [], "no test image is linked with a training image"),
        (_fixed(range(80), range(80, 164), range(164, 240)), [], "no test image is linked with a training image"),
        (_fixed(range(165), range(0), range(165, 168)), [], "have different classes"),
        (_fixed(range(8), range(0), range(8, 240)), [(0, 8)], "have different classes"),
        (_fixed(range(12), range(0), range(12, 32)), [(0, 16)], "too few training images of a class would be left"),
    ],
)
def test_the_reason_why_there_is_no_comparison_is_true(split: Split, pairs: list[tuple[int, int]], reason: str) -> None:
    plan = plan_two_trainings(_links(pairs), split, seed=0)
    assert isinstance(plan, str)
    assert reason in plan
