"""The images for two trainings that show what a leak is worth: one with the leak, one without, of the same size.

Both models are tested on the same test images. The first is trained as the split says, so it has seen other images of
the tested patients, or copies of the tested images. The second is trained without everything that is linked with a
tested image. As fewer images alone make a model worse, the first is trained on as many images of each class as the
second: of those without a link, as many are left out at random as there are with one.

Where nearly all training images are linked with a test image, as in a split by image, nothing would be left to train
the second model on. Then only some of the linked patients are tested.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zoo.auditing.links import Links
from zoo.data.split.split import Split

MAX_LINKED = 0.5
"""The largest share of the training images of a class that may be linked with a tested image."""
MOST_TESTED = 1 / 3
"""The share of the linked patients that are tested, if not all can be."""


@dataclass(frozen=True, kw_only=True)
class TwoTrainings:
    """The images of the two trainings, as splits with the same validation and test parts."""

    leaking: Split
    clean: Split
    units: tuple[int, ...]
    """The unit of each test image, in the order of the test part: linked images have the same."""
    all_tested: bool
    """Whether the whole test part is tested, not only some of its patients."""
    leaking_test_images: int
    """The number of test images that are linked with a training image of the first model."""


def plan_two_trainings(links: Links, split: Split, *, seed: int) -> TwoTrainings | str:
    """Return the images of the two trainings, or why there are none."""
    units, labels = links.units, links.manifest.labels
    of_test = {units[index] for index in split.test}
    if of_test.isdisjoint(units[index] for index in split.train):
        return "no test image is linked with a training image, so there is nothing to compare"
    if {labels[index] for index in split.train} != {labels[index] for index in split.test}:
        return "the training part and the test part have different classes"
    for tested in (of_test, _some_units(links, split, of_test, seed)):
        linked = [index for index in split.train if units[index] in tested]
        others = [index for index in split.train if units[index] not in tested]
        test = tuple(index for index in split.test if units[index] in tested)
        val = tuple(index for index in split.val if units[index] not in tested)
        if not linked or not _fits(labels, split.train, linked, others, test):
            continue
        if {labels[index] for index in val} != set(labels):
            val = ()
        left_out = _as_many(others, Counter(labels[index] for index in linked), labels, links, seed)
        trained = tuple(sorted({*linked, *others} - left_out))
        seen = {units[index] for index in linked}
        rest = {*split.train, *split.val, *split.test, *split.excluded}
        return TwoTrainings(
            leaking=_split(trained, val, test, rest),
            clean=_split(tuple(sorted(others)), val, test, rest),
            units=tuple(units[index] for index in test),
            all_tested=tested is of_test,
            leaking_test_images=sum(units[index] in seen for index in test),
        )
    return "too few training images of a class would be left without those that are linked with test images"


def _some_units(links: Links, split: Split, of_test: set[int], seed: int) -> set[int]:
    """Return some of the units of the test part, in a random order, with every class."""
    labels, units = links.manifest.labels, links.units
    rank = {unit: hashlib.sha256(f"{seed}\0{links.manifest.samples[unit].key}".encode()).digest() for unit in of_test}
    trained = {units[index] for index in split.train}
    order = sorted(of_test & trained, key=rank.__getitem__)
    train = Counter((units[index], labels[index]) for index in split.train)
    totals = Counter(labels[index] for index in split.train)
    chosen: set[int] = set()
    used: Counter[int] = Counter()
    for unit in order:
        if len(chosen) >= max(1, len(order) * MOST_TESTED):
            break
        of_unit = {label: train[unit, label] for label in totals}
        if all(used[label] + count <= MAX_LINKED * totals[label] for label, count in of_unit.items()):
            chosen.add(unit)
            used.update(of_unit)
    return chosen


def _fits(
    labels: Sequence[int], train: Sequence[int], linked: Sequence[int], others: Sequence[int], test: Sequence[int]
) -> bool:
    """Return whether each class has enough images without a link, and images to test."""
    totals, with_link = Counter(labels[index] for index in train), Counter(labels[index] for index in linked)
    return set(totals) == {labels[index] for index in others} == {labels[index] for index in test} and all(
        with_link[label] <= MAX_LINKED * total for label, total in totals.items()
    )


def _as_many(others: Iterable[int], wanted: Counter[int], labels: Sequence[int], links: Links, seed: int) -> set[int]:
    """Return as many of these images of each class as wanted, at random."""
    left, chosen = Counter(wanted), set()
    samples = links.manifest.samples
    for index in sorted(others, key=lambda index: hashlib.sha256(f"{seed}\0{samples[index].key}".encode()).digest()):
        if left[labels[index]]:
            left[labels[index]] -= 1
            chosen.add(index)
    return chosen


def _split(train: tuple[int, ...], val: tuple[int, ...], test: tuple[int, ...], every: set[int]) -> Split:
    """Return a split with these parts; all other images are in no part."""
    out = tuple(sorted(every - {*train, *val, *test}))
    return Split(unit="fixed", seed=0, train=train, val=val, test=test, excluded=out)
