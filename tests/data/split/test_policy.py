from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from zoo.data import Manifest, Sample
from zoo.data.split.leakage import Leak, find_leak
from zoo.data.split.policy import SplitPolicy
from zoo.data.split.split import Split
from zoo.errors import DataError, UsageError


def _manifest(*, parts: str | None = None, groups: bool = True) -> Manifest:
    """Twelve patients of two classes with ten images each; `parts` has a letter for the part of each patient."""
    names = {"t": "train", "v": "val", "e": "test"}
    samples = [
        Sample(
            path=Path("x"),
            key=f"{patient:02d}-{number}",
            label="ab"[patient % 2],
            group=f"{patient}" if groups else None,
            facts={"split": names[parts[patient]]} if parts and parts[patient] in names else {},
        )
        for patient in range(12)
        for number in range(10)
    ]
    return Manifest(source="made", name="made", classes=("a", "b"), samples=tuple(samples))


@pytest.mark.parametrize(
    ("parts", "groups", "unit"),
    [
        (None, True, "patient"),
        (None, False, "image"),
        ("ttttttvveeee", True, "fixed"),
        ("ttttttvveeee", False, "fixed"),
    ],
)
def test_auto_policy_prefers_the_data_own_split_to_patients_to_images(
    parts: str | None, groups: bool, unit: str
) -> None:
    assert SplitPolicy().split(_manifest(parts=parts, groups=groups)).unit == unit


def test_data_own_split_is_used_and_can_be_overruled() -> None:
    manifest = _manifest(parts="ttttttvveeee")
    assert SplitPolicy().split(manifest) == Split(
        unit="fixed", seed=0, train=tuple(range(60)), val=tuple(range(60, 80)), test=tuple(range(80, 120))
    )
    assert SplitPolicy(how="patient").split(manifest).unit == "patient"


def test_data_own_split_needs_no_validation_part_but_a_test_part_with_every_class() -> None:
    assert SplitPolicy().split(_manifest(parts="tttttttteeee")).val == ()
    with pytest.raises(DataError) as caught:
        SplitPolicy().split(_manifest(parts="tttttttttttt"))
    assert "the test part has no image of class 'a': the split that is given by the data" in str(caught.value)
    assert "--split patient" in str(caught.value)


def test_fixed_policy_is_refused_if_the_data_have_no_own_split() -> None:
    with pytest.raises(DataError, match="do not come with a split") as caught:
        SplitPolicy(how="fixed").split(_manifest())
    assert "--split-file" in str(caught.value)


def test_another_seed_gives_another_split_and_other_folds() -> None:
    for folds in (None, 4):
        first, again, other = (
            SplitPolicy(how="patient", folds=folds, seed=seed).split(_manifest()) for seed in (0, 0, 1)
        )
        assert first == again
        assert set(first.test) != set(other.test)
        assert (first.seed, other.seed) == (0, 1)


def test_folds_of_data_with_their_own_split_are_refused() -> None:
    with pytest.raises(UsageError, match="so cross-validation is not possible") as caught:
        SplitPolicy(folds=4).split(_manifest(parts="ttttttvveeee"))
    assert "--split patient" in str(caught.value)
    assert SplitPolicy(how="patient", folds=4).split(_manifest(parts="ttttttvveeee")).unit == "patient"


def _split(manifest: Manifest, test: list[int]) -> Split:
    train = tuple(index for index in range(len(manifest.samples)) if index not in test)
    return Split(unit="image", seed=0, train=train, val=(), test=tuple(test))


def test_leak_counts_patients_and_share_of_test_images() -> None:
    """All of patient 0 and three images of patient 1 are held out; patient 1 was seen."""
    manifest = _manifest()
    leak = find_leak(manifest, _split(manifest, [*range(10), 10, 11, 12]))
    assert leak is not None
    assert leak == Leak(patients=1, test_patients=2, identical=0, share=3 / 13)
    assert str(leak).startswith("1 of 2 test patients are also in training, with 23.1 % of the test images")
    assert "with < 0.1 % of the test images" in str(replace(leak, share=0.0004))


def test_no_leak_is_found_if_patients_are_whole_or_unknown() -> None:
    assert find_leak(_manifest(), _split(_manifest(), list(range(20)))) is None
    manifest = _manifest(groups=False)
    assert find_leak(manifest, _split(manifest, [0, 11])) is None


def test_patient_in_validation_and_test_is_a_leak() -> None:
    manifest = _manifest()
    split = Split(unit="image", seed=0, train=tuple(range(10, 120)), val=tuple(range(5)), test=tuple(range(5, 10)))
    leak = find_leak(manifest, split)
    assert leak is not None
    assert leak.share == 1.0
