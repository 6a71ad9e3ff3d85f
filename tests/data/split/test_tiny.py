"""Splits of small sets in which patients have several classes."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.config.recipe import Recipe
from zoo.data import Manifest, Sample
from zoo.data.split.every_class import groups_for_every_part
from zoo.data.split.policy import SplitPolicy
from zoo.data.split.split import make_fold, make_split
from zoo.data.split.stratify import stratify
from zoo.errors import DataError, UsageError

SHARES = {"train": 0.6, "val": 0.1, "test": 0.3}


def _exists(patients: list[list[int]], classes: int) -> bool:
    """Return whether any of all ways to divide the patients gives every class to every part."""
    return any(
        all(
            len({label for patient, part in zip(patients, parts, strict=True) if part == one for label in patient})
            == classes
            for one in range(3)
        )
        for parts in itertools.product(range(3), repeat=len(patients))
    )


def _small_sets() -> list[tuple[list[list[int]], int]]:
    """Return sets of three to seven patients with up to five images of two or three classes."""
    draw = random.Random(0)
    sets = []
    for _ in range(150):
        classes = draw.choice([2, 2, 3])
        sets.append(
            (
                [[draw.randrange(classes) for _ in range(draw.randint(1, 5))] for _ in range(draw.randint(3, 7))],
                classes,
            )
        )
    return [(patients, classes) for patients, classes in sets if _exists(patients, classes)]


def test_a_split_with_every_class_in_every_part_is_found_whenever_there_is_one() -> None:
    for patients, classes in _small_sets():
        owners = [f"p{number}" for number, images in enumerate(patients) for _ in images]
        labels = [label for images in patients for label in images]
        for seed in range(4):
            parts = stratify(owners, labels, shares=SHARES, seed=seed)
            found = {part: {labels[index] for index in indices} for part, indices in parts.items()}
            assert all(len(present) == classes for present in found.values()), (patients, seed, found)
            assert sorted(itertools.chain(*parts.values())) == list(range(len(labels)))


def test_the_search_says_that_there_is_no_split() -> None:
    classes_of = {0: frozenset({0, 1}), 1: frozenset({0}), 2: frozenset({1}), 3: frozenset({1})}
    assert groups_for_every_part(classes_of, ["train", "test"]) is not None
    assert groups_for_every_part(classes_of, ["train", "val", "test"]) is None


def test_the_search_ends_for_many_classes_and_parts() -> None:
    draw = random.Random(3)
    classes_of = {group: frozenset(draw.sample(range(12), 3)) for group in range(40)}
    parts = [f"{number}" for number in range(12)]
    chosen = groups_for_every_part(classes_of, parts)
    assert chosen is None or set(chosen.values()) == set(parts)
    assert groups_for_every_part(classes_of, [f"{number}" for number in range(10_000)]) is None


def _manifest(patients: list[str], path: Path = Path("x")) -> Manifest:
    """Return patients with one image for each letter, which is its class."""
    samples = tuple(
        Sample(path=path, key=f"{number}-{place}", label=label, group=f"p{number}")
        for number, labels in enumerate(patients)
        for place, label in enumerate(labels)
    )
    return Manifest(source="made", name="made", classes=("a", "b"), samples=samples)


def test_the_error_says_that_no_way_to_divide_patients_gives_every_class_to_every_part(tmp_path: Path) -> None:
    """Three patients are enough, unless two of them share an image."""
    path = tmp_path / "image.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(path)
    manifest = _manifest(["ab"] * 3, path)
    assert SplitPolicy().split(manifest, [b"0", b"1", b"2", b"3", b"4", b"5"]).unit == "patient"
    with pytest.raises(DataError, match="there is no way to divide whole patients"):
        SplitPolicy().split(manifest, [b"same", b"1", b"same", b"3", b"4", b"5"])


@pytest.mark.parametrize("fractions", [(0.6, 0.2, 0.3), (0.5, 0.1, 0.3), (0.6, 0.1, 0.4)])
def test_fractions_that_do_not_add_up_to_one_are_refused(fractions: tuple[float, float, float]) -> None:
    with pytest.raises(UsageError, match="the fractions must add up to 1, not"):
        make_split(_manifest(["ab"] * 9), unit="patient", fractions=fractions, seed=0)


def test_more_folds_than_patients_or_than_patients_of_a_class_are_refused_for_every_fold() -> None:
    with pytest.raises(DataError, match="30 patients cannot be divided into 31 folds"):
        make_fold(_manifest(["ab"] * 30), unit="patient", folds=31, fold=0, seed=0)
    few = _manifest(["a"] * 20 + ["b"] * 4)
    assert make_fold(few, unit="patient", folds=4, fold=0, seed=0).test
    for fold in range(5):
        with pytest.raises(DataError, match=r"the class 'b' has 4 patients, too few for 5 folds"):
            make_fold(few, unit="patient", folds=5, fold=fold, seed=0)


def test_fractions_that_a_recipe_accepts_are_split_by_their_ratio() -> None:
    """A third has to be rounded somewhere."""
    thirds = Recipe(name="mine", summary="", fractions=(0.33, 0.33, 0.33)).fractions
    found = make_split(_manifest(["ab"] * 9), unit="image", fractions=thirds, seed=0)
    assert (len(found.train), len(found.val), len(found.test)) == (6, 6, 6)
