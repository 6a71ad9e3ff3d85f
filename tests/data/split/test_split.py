from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from zoo.data import Manifest, Sample
from zoo.data.split.policy import SplitPolicy, read_split_file
from zoo.data.split.split import PARTS, Split, make_split, write_split
from zoo.errors import DataError, UsageError

FRACTIONS = (0.6, 0.1, 0.3)


def _manifest(
    patients: dict[str, int], *, tiles: int = 7, root: str = "/data", shuffle: int | None = None, grouped: bool = True
) -> Manifest:
    """So many patients of each class, with from `tiles` to `tiles + 4` images each."""
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
def test_no_patient_stands_on_two_sides(seed: int) -> None:
    split = make_split(MANIFEST, unit="patient", fractions=FRACTIONS, seed=seed)
    train, val, test = (_owners(MANIFEST, split, part) for part in PARTS)
    assert not train & val
    assert not train & test
    assert not val & test


def test_by_image_patients_do_stand_on_two_sides() -> None:
    split = make_split(MANIFEST, unit="image", fractions=FRACTIONS, seed=0)
    assert _owners(MANIFEST, split, "train") & _owners(MANIFEST, split, "test")


@pytest.mark.parametrize("unit", ["patient", "image"])
@pytest.mark.parametrize("seed", range(5))
def test_each_class_is_divided_in_the_proportions_asked_for(unit: str, seed: int) -> None:
    split = make_split(MANIFEST, unit=unit, fractions=FRACTIONS, seed=seed)
    largest = 11 if unit == "patient" else 1
    for name, total in MANIFEST.counts().items():
        for part, share in zip(PARTS, FRACTIONS, strict=True):
            found = Counter(MANIFEST.samples[index].label for index in split.part(part))[name]
            assert abs(found - share * total) <= largest, (name, part)


def test_neither_the_order_of_files_nor_their_place_matters() -> None:
    keys = []
    for manifest in (MANIFEST, _manifest({"benign": 12, "malignant": 25}, root="/elsewhere/deep", shuffle=3)):
        split = make_split(manifest, unit="patient", fractions=FRACTIONS, seed=4)
        keys.append([[manifest.samples[index].key for index in split.part(part)] for part in PARTS])
    assert keys[0] == keys[1]


def test_another_process_divides_alike() -> None:
    """Nothing hangs on the hash of a text, which changes from process to process."""
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
    """A run is measured again on a split made again; another rule would mix its training images in."""
    manifest = _manifest({"benign": 4, "malignant": 6}, tiles=2)
    split = make_split(manifest, unit="patient", fractions=FRACTIONS, seed=0)
    assert _owners(manifest, split, "val") == {"benign-2", "malignant-2"}
    assert _owners(manifest, split, "test") == {"benign-1", "malignant-0", "malignant-4"}


def test_another_seed_divides_otherwise() -> None:
    splits = {make_split(MANIFEST, unit="patient", fractions=FRACTIONS, seed=seed).test for seed in range(5)}
    assert len(splits) == 5


@pytest.mark.parametrize("seed", range(10))
def test_three_patients_a_class_are_enough(seed: int) -> None:
    manifest = _manifest({"benign": 3, "malignant": 3})
    split = make_split(manifest, unit="patient", fractions=FRACTIONS, seed=seed)
    for part in PARTS:
        assert {manifest.samples[index].label for index in split.part(part)} == {"benign", "malignant"}


def test_a_share_of_nothing_gets_nothing() -> None:
    split = make_split(MANIFEST, unit="patient", fractions=(0.7, 0, 0.3), seed=0)
    assert split.val == ()
    assert split.train
    assert split.test


def test_fractions_are_shares_of_their_sum() -> None:
    one = make_split(MANIFEST, unit="patient", fractions=(6, 1, 3), seed=0)
    assert one == make_split(MANIFEST, unit="patient", fractions=FRACTIONS, seed=0)


def test_nobody_can_split_by_patients_that_are_not_known() -> None:
    manifest = _manifest({"benign": 5, "malignant": 5}, grouped=False)
    with pytest.raises(DataError) as caught:
        make_split(manifest, unit="patient", fractions=FRACTIONS, seed=0)
    assert "do not say which patient an image is from" in str(caught.value)
    assert "--split image" in str(caught.value)


@pytest.mark.parametrize(("grouped", "unit"), [(True, "patient"), (False, "image")])
def test_left_to_itself_it_splits_by_patient_wherever_patients_are_known(grouped: bool, unit: str) -> None:
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
def test_folds_that_cannot_be(folds: int, fold: int) -> None:
    with pytest.raises(UsageError, match="at least 3 folds"):
        SplitPolicy(folds=folds, fold=fold).split(MANIFEST)


def test_a_split_that_was_written_down_is_read_back(tmp_path: Path) -> None:
    split = SplitPolicy().split(MANIFEST)
    write_split(tmp_path / "split.csv", MANIFEST, split)
    again = read_split_file(tmp_path / "split.csv", MANIFEST)
    assert [again.part(part) for part in PARTS] == [split.part(part) for part in PARTS]
    assert again.unit == "fixed"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must have the columns"),
        ("key,label\nx,y\n", "must have the columns"),
        ("key,part\nbenign-0-0.png,train\n", "names no part for"),
        ("key,part\nbenign-0-0.png,tset\n", "says 'tset' for 'benign-0-0.png'"),
    ],
)
def test_a_table_that_is_no_split(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "split.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message) as caught:
        read_split_file(path, MANIFEST)
    assert str(path) in str(caught.value)


def test_too_few_patients_is_an_error_that_says_what_would_work() -> None:
    with pytest.raises(DataError) as caught:
        make_split(_manifest({"benign": 2, "malignant": 9}), unit="patient", fractions=FRACTIONS, seed=0)
    text = str(caught.value)
    assert "'benign'" in text
    assert "it has 2 patients, and a split by patient needs at least 3" in text
    assert "--split image" in text
    assert "leaks" in text


def test_without_a_validation_part_two_patients_are_enough() -> None:
    manifest = _manifest({"benign": 2, "malignant": 9})
    assert make_split(manifest, unit="patient", fractions=(0.7, 0, 0.3), seed=0).val == ()


def test_a_class_without_images_is_named() -> None:
    manifest = _manifest({"benign": 0, "malignant": 9}, grouped=False)
    with pytest.raises(DataError, match="no image of class 'benign' is left for train: it has 0 images"):
        make_split(manifest, unit="image", fractions=FRACTIONS, seed=0)


@pytest.mark.parametrize(
    "fractions", [(-0.1, 0.5, 0.6), (0, 0, 0), (0, 0.5, 0.5), (0.8, 0.2, 0), (float("nan"), 0.1, 0.3)]
)
def test_fractions_that_leave_nothing_to_train_or_to_measure_on(fractions: tuple[float, ...]) -> None:
    with pytest.raises(UsageError, match="fractions of train, val and test must be above 0"):
        make_split(MANIFEST, unit="patient", fractions=fractions, seed=0)


def test_the_table_names_every_image_and_its_part(tmp_path: Path) -> None:
    split = make_split(MANIFEST, unit="patient", fractions=FRACTIONS, seed=0)
    write_split(tmp_path / "split.csv", MANIFEST, split)
    with (tmp_path / "split.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["key"] for row in rows] == [sample.key for sample in MANIFEST.samples]
    for part in PARTS:
        assert tuple(index for index, row in enumerate(rows) if row["part"] == part) == split.part(part)
    assert {(row["label"], row["group"]) for row in rows} == {(s.label, s.group) for s in MANIFEST.samples}
