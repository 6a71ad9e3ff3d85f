from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from zoo.data import Manifest, Sample
from zoo.data.split.policy import SplitPolicy
from zoo.data.split.split import PARTS, Split, make_split
from zoo.errors import DataError, UsageError

FRACTIONS = (0.6, 0.1, 0.3)


def _manifest(
    patients: dict[str, int], *, tiles: int = 7, root: str = "/data", shuffle: int | None = None, grouped: bool = True
) -> Manifest:
    """Return a manifest with this number of patients in each class, each with `tiles` to `tiles + 4` images."""
    samples = [
        Sample(
            path=Path(root) / f"{label}-{patient}-{number}.png",
            key=f"{label}-{patient}-{number}.png",
            label=label,
            group=f"{label}-{patient}" if grouped else None,
        )
        for label, count in patients.items()
        for patient in range(count)
        for number in range(tiles + patient % 5)
    ]
    if shuffle is not None:
        random.Random(shuffle).shuffle(samples)
    return Manifest(source="made", name="made", classes=tuple(patients), samples=tuple(samples))


def _owners(manifest: Manifest, split: Split, part: str) -> set[str | None]:
    return {manifest.samples[index].group for index in split.part(part)}


MANIFEST = _manifest({"benign": 12, "malignant": 25})


@pytest.mark.parametrize("unit", ["patient", "image"])
@pytest.mark.parametrize("seed", range(5))
def test_every_image_is_in_exactly_one_part(unit: str, seed: int) -> None:
    split = make_split(MANIFEST, unit=unit, fractions=FRACTIONS, seed=seed)
    assert sorted(split.train + split.val + split.test) == list(range(len(MANIFEST.samples)))


@pytest.mark.parametrize("seed", range(20))
def test_split_by_patient_never_divides_a_patient(seed: int) -> None:
    split = make_split(MANIFEST, unit="patient", fractions=FRACTIONS, seed=seed)
    train, val, test = (_owners(MANIFEST, split, part) for part in PARTS)
    assert not train & val
    assert not train & test
    assert not val & test


def test_split_by_image_divides_patients() -> None:
    split = make_split(MANIFEST, unit="image", fractions=FRACTIONS, seed=0)
    assert _owners(MANIFEST, split, "train") & _owners(MANIFEST, split, "test")


@pytest.mark.parametrize("unit", ["patient", "image"])
@pytest.mark.parametrize("seed", range(5))
def test_each_class_is_divided_in_the_given_fractions(unit: str, seed: int) -> None:
    split = make_split(MANIFEST, unit=unit, fractions=FRACTIONS, seed=seed)
    largest = 11 if unit == "patient" else 1
    for name, total in MANIFEST.counts().items():
        for part, share in zip(PARTS, FRACTIONS, strict=True):
            found = Counter(MANIFEST.samples[index].label for index in split.part(part))[name]
            assert abs(found - share * total) <= largest, (name, part)


def test_split_does_not_depend_on_the_order_of_files_or_their_folder() -> None:
    keys = []
    for manifest in (MANIFEST, _manifest({"benign": 12, "malignant": 25}, root="/elsewhere/deep", shuffle=3)):
        split = make_split(manifest, unit="patient", fractions=FRACTIONS, seed=4)
        keys.append([[manifest.samples[index].key for index in split.part(part)] for part in PARTS])
    assert keys[0] == keys[1]


def test_split_is_the_same_in_another_process() -> None:
    """It does not depend on the hash of a text, which changes from process to process."""
    script = (
        "from pathlib import Path\n"
        "from zoo.data import Manifest, Sample\n"
        "from zoo.data.split.split import make_split\n"
        "samples = tuple(Sample(path=Path('x'), key=f'{n}-{i}', label='ab'[n % 2], group=str(n))"
        " for n in range(12) for i in range(3))\n"
        "split = make_split(Manifest(source='s', name='n', classes=('a', 'b'), samples=samples),"
        " unit='patient', fractions=(0.6, 0.1, 0.3), seed=0)\n"
        "print(split.train, split.val, split.test)\n"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2)
    }
    assert len(answers) == 1


def test_the_split_of_a_seed_stays_the_same_from_release_to_release() -> None:
    """A run may be evaluated on a split made again; another rule would mix training images into it."""
    manifest = _manifest({"benign": 4, "malignant": 6}, tiles=2)
    split = make_split(manifest, unit="patient", fractions=FRACTIONS, seed=0)
    assert _owners(manifest, split, "val") == {"benign-2", "malignant-2"}
    assert _owners(manifest, split, "test") == {"benign-1", "malignant-0", "malignant-4"}


def test_another_seed_gives_another_split() -> None:
    splits = {make_split(MANIFEST, unit="patient", fractions=FRACTIONS, seed=seed).test for seed in range(5)}
    assert len(splits) == 5


@pytest.mark.parametrize("seed", range(10))
def test_three_patients_of_each_class_are_enough_for_three_parts(seed: int) -> None:
    manifest = _manifest({"benign": 3, "malignant": 3})
    split = make_split(manifest, unit="patient", fractions=FRACTIONS, seed=seed)
    for part in PARTS:
        assert {manifest.samples[index].label for index in split.part(part)} == {"benign", "malignant"}


def test_part_with_fraction_zero_is_empty() -> None:
    split = make_split(MANIFEST, unit="patient", fractions=(0.7, 0, 0.3), seed=0)
    assert split.val == ()
    assert split.train
    assert split.test


def test_fractions_are_shares_of_their_sum() -> None:
    one = make_split(MANIFEST, unit="patient", fractions=(6, 1, 3), seed=0)
    assert one == make_split(MANIFEST, unit="patient", fractions=FRACTIONS, seed=0)


def test_split_by_patient_is_refused_if_patients_are_unknown() -> None:
    manifest = _manifest({"benign": 5, "malignant": 5}, grouped=False)
    with pytest.raises(DataError) as caught:
        make_split(manifest, unit="patient", fractions=FRACTIONS, seed=0)
    assert "the patients of these images are unknown" in str(caught.value)
    assert "--split image" in str(caught.value)


@pytest.mark.parametrize(("grouped", "unit"), [(True, "patient"), (False, "image")])
def test_auto_policy_splits_by_patient_wherever_patients_are_known(grouped: bool, unit: str) -> None:
    assert SplitPolicy().split(_manifest({"benign": 5, "malignant": 5}, grouped=grouped)).unit == unit


def test_folds_test_on_every_image_once_and_never_on_a_patient_that_was_trained_on() -> None:
    tested: list[int] = []
    for fold in range(4):
        split = SplitPolicy(folds=4, fold=fold).split(MANIFEST)
        assert sorted(split.train + split.val + split.test) == list(range(len(MANIFEST.samples)))
        train, val, test = (_owners(MANIFEST, split, part) for part in PARTS)
        assert not train & val
        assert not train & test
        assert not val & test
        tested += split.test
    assert sorted(tested) == list(range(len(MANIFEST.samples)))


@pytest.mark.parametrize(("folds", "fold"), [(2, 0), (4, 4), (4, -1)])
def test_impossible_folds_are_refused(folds: int, fold: int) -> None:
    with pytest.raises(UsageError, match="needs at least 3 folds"):
        SplitPolicy(folds=folds, fold=fold).split(MANIFEST)


@pytest.mark.parametrize(("unit", "whole"), [("patient", "patients"), ("image", "images")])
def test_more_folds_than_patients_are_refused_at_once(unit: Any, whole: str) -> None:
    with pytest.raises(DataError, match=rf"\d+ {whole} cannot be divided into 1000000000000 folds"):
        SplitPolicy(how=unit, folds=10**12).split(MANIFEST)


@pytest.mark.parametrize("fold", [0, 1, 10])
def test_folds_are_refused_whichever_is_asked_for_if_a_class_has_fewer_patients(fold: int) -> None:
    manifest = _manifest({"benign": 10, "malignant": 20})
    with pytest.raises(DataError, match=r"'benign' has 10 patients, too few for 11 folds\n  --folds 10 is possible"):
        SplitPolicy(how="patient", folds=11, fold=fold).split(manifest)
    assert SplitPolicy(how="patient", folds=10, fold=min(fold, 9)).split(manifest).test


@pytest.mark.parametrize(
    ("patients", "tiles", "unit", "hint"),
    [
        (0, 7, "patient", "add images of this class, or leave the class out"),
        (0, 7, "image", "add images of this class, or leave the class out"),
        (1, 7, "patient", "add data; or split by image (--split image), which leaks"),
        (1, 2, "patient", "add data"),
        (
            2,
            7,
            "patient",
            "add data; or train without validation (--fractions 0.7,0,0.3 --select last); or split by image "
            "(--split image), which leaks",
        ),
    ],
)
def test_the_advice_about_a_class_that_is_too_small_helps(patients: int, tiles: int, unit: Any, hint: str) -> None:
    manifest = _manifest({"benign": patients, "malignant": 9}, tiles=tiles)
    with pytest.raises(DataError) as refused:
        SplitPolicy(how=unit).split(manifest)
    assert refused.value.hint == hint
    assert "1 patients" not in str(refused.value)
    if "validation" in hint:
        assert SplitPolicy(how=unit, fractions=(0.7, 0, 0.3)).split(manifest).test
    if "--split image" in hint:
        assert SplitPolicy(how="image").split(manifest).test


def test_too_few_patients_is_an_error_that_suggests_remedies() -> None:
    with pytest.raises(DataError) as caught:
        make_split(_manifest({"benign": 2, "malignant": 9}), unit="patient", fractions=FRACTIONS, seed=0)
    text = str(caught.value)
    assert "'benign'" in text
    assert "the class has 2 patients, and a split by patient needs at least 3" in text
    assert "--split image" in text
    assert "leaks" in text


def test_two_patients_of_each_class_are_enough_without_validation() -> None:
    manifest = _manifest({"benign": 2, "malignant": 9})
    assert make_split(manifest, unit="patient", fractions=(0.7, 0, 0.3), seed=0).val == ()


def test_class_without_images_is_named() -> None:
    manifest = _manifest({"benign": 0, "malignant": 9}, grouped=False)
    with pytest.raises(DataError, match="the train part has no image of class 'benign': the class has 0 images"):
        make_split(manifest, unit="image", fractions=FRACTIONS, seed=0)


@pytest.mark.parametrize(
    "fractions", [(-0.1, 0.5, 0.6), (0, 0, 0), (0, 0.5, 0.5), (0.8, 0.2, 0), (float("nan"), 0.1, 0.3)]
)
def test_fractions_that_leave_no_training_or_test_part_are_refused(fractions: tuple[float, ...]) -> None:
    with pytest.raises(UsageError, match="the fractions of train and test must be above 0"):
        make_split(MANIFEST, unit="patient", fractions=fractions, seed=0)
