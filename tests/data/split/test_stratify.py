"""Groups that hold several classes, and folds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from zoo.data import Manifest, Sample
from zoo.data.split.split import PARTS, make_fold, make_split
from zoo.data.split.stratify import stratify

SHARES = {"train": 0.6, "val": 0.1, "test": 0.3}


def _mixed(patients: int = 60) -> Manifest:
    """Each patient has 20 negative patches and few positive ones, as in IDC; every third has none."""
    samples = [
        Sample(path=Path("x"), key=f"{patient}-{label}-{number}", label=label, group=f"{patient}")
        for patient in range(patients)
        for label, count in (("negative", 20), ("positive", patient % 3 * 4))
        for number in range(count)
    ]
    return Manifest(source="made", name="made", classes=("negative", "positive"), samples=tuple(samples))


@pytest.mark.parametrize("seed", range(5))
def test_patients_with_several_classes_are_divided_so_that_each_class_keeps_its_shares(seed: int) -> None:
    manifest = _mixed()
    split = make_split(manifest, unit="patient", fractions=(0.6, 0.1, 0.3), seed=seed)
    for name, total in manifest.counts().items():
        for part, share in SHARES.items():
            found = sum(manifest.samples[index].label == name for index in split.part(part))
            assert found / total == pytest.approx(share, abs=0.06), (name, part)


@pytest.mark.parametrize("seed", range(20))
def test_class_that_is_rare_in_every_patient_reaches_every_part(seed: int) -> None:
    """Three patients have one image of it, among many of another class."""
    owners = [f"{patient}" for patient in range(30) for _ in range(10)]
    labels = [int(patient < 3 and number == 0) for patient in range(30) for number in range(10)]
    parts = stratify(owners, labels, shares=SHARES, seed=seed)
    assert all(sum(labels[index] for index in indices) == 1 for indices in parts.values())


@pytest.mark.parametrize("folds", [3, 5, 10])
@pytest.mark.parametrize("seed", range(3))
def test_folds_test_every_image_once_and_keep_patients_whole(folds: int, seed: int) -> None:
    manifest = _mixed()
    every = [make_fold(manifest, unit="patient", folds=folds, fold=fold, seed=seed) for fold in range(folds)]
    assert sorted(index for split in every for index in split.test) == list(range(len(manifest.samples)))
    for split in every:
        assert sorted(split.train + split.val + split.test) == list(range(len(manifest.samples)))
        owners = [{manifest.samples[index].group for index in split.part(part)} for part in PARTS]
        assert sum(map(len, owners)) == len(set.union(*owners))
    sizes = [len(split.test) for split in every]
    assert max(sizes) - min(sizes) <= 28


def test_folds_of_another_seed_differ_and_test_every_image_once() -> None:
    manifest = _mixed()
    repeats = [
        [make_fold(manifest, unit="patient", folds=5, fold=fold, seed=seed).test for fold in range(5)]
        for seed in range(3)
    ]
    assert len({test for repeat in repeats for test in repeat}) == 15
    counted = Counter(index for repeat in repeats for test in repeat for index in test)
    assert set(counted.values()) == {3}
    assert len(counted) == len(manifest.samples)
