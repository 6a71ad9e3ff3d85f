from __future__ import annotations

from pathlib import Path

import pytest

from zoo.data import Manifest, Sample
from zoo.data.split.leakage import Leak, find_leak
from zoo.data.split.policy import SplitPolicy, read_split_file
from zoo.data.split.split import Split
from zoo.errors import DataError, UsageError


def _manifest(*, parts: str | None = None, groups: bool = True) -> Manifest:
    """Twelve patients of two classes, ten images each; `parts` gives each patient's."""
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
def test_left_to_itself_it_asks_the_data(parts: str | None, groups: bool, unit: str) -> None:
    assert SplitPolicy().split(_manifest(parts=parts, groups=groups)).unit == unit


def test_what_the_data_say_is_kept_and_can_be_overruled() -> None:
    manifest = _manifest(parts="ttttttvveeee")
    assert SplitPolicy().split(manifest) == Split(
        unit="fixed", seed=0, train=tuple(range(60)), val=tuple(range(60, 80)), test=tuple(range(80, 120))
    )
    assert SplitPolicy(how="patient").split(manifest).unit == "patient"


def test_a_fixed_split_needs_no_validation_part_but_a_test_part_with_every_class() -> None:
    assert SplitPolicy().split(_manifest(parts="tttttttteeee")).val == ()
    with pytest.raises(DataError) as caught:
        SplitPolicy().split(_manifest(parts="tttttttttttt"))
    assert "no image of class 'a' is left for test: the split that the data or a file give" in str(caught.value)
    assert "--split patient" in str(caught.value)


def test_data_that_say_nothing_cannot_be_split_as_they_say() -> None:
    with pytest.raises(DataError, match="do not say themselves who is held out") as caught:
        SplitPolicy(how="fixed").split(_manifest())
    assert "--split-file" in str(caught.value)


def test_data_that_say_who_is_held_out_have_no_folds() -> None:
    """Folds that are asked for are never silently left out."""
    with pytest.raises(UsageError, match="so there are no folds") as caught:
        SplitPolicy(folds=4).split(_manifest(parts="ttttttvveeee"))
    assert "--split patient" in str(caught.value)
    assert SplitPolicy(how="patient", folds=4).split(_manifest(parts="ttttttvveeee")).unit == "patient"


def test_a_table_in_other_words(tmp_path: Path) -> None:
    manifest = _manifest()
    words = {0: "Training", 1: "valid", 2: " TEST "}
    rows = [f"{sample.key},{words[int(sample.key[:2]) // 4]}" for sample in manifest.samples]
    (tmp_path / "split.csv").write_text("path,split\n" + "\n".join(rows), encoding="utf-8-sig")
    split = read_split_file(tmp_path / "split.csv", manifest)
    assert (split.train, split.val, split.test) == tuple(tuple(range(start, start + 40)) for start in (0, 40, 80))


def test_a_table_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    rows = [f"{sample.key},train" for sample in _manifest().samples] + ["00-0,test"]
    (tmp_path / "split.csv").write_text("key,part\n" + "\n".join(rows), encoding="utf-8")
    with pytest.raises(DataError, match="puts '00-0' into train and into test"):
        read_split_file(tmp_path / "split.csv", _manifest())


def _split(manifest: Manifest, test: list[int]) -> Split:
    train = tuple(index for index in range(len(manifest.samples)) if index not in test)
    return Split(unit="image", seed=0, train=train, val=(), test=tuple(test))


def test_a_leak_is_counted() -> None:
    """All of patient 0 and three images of patient 1 are held out; patient 1 was seen."""
    manifest = _manifest()
    leak = find_leak(manifest, _split(manifest, [*range(10), 10, 11, 12]))
    assert leak is not None
    assert leak == Leak(patients=1, test_patients=2, share=3 / 13)
    assert str(leak).startswith("1 of 2 test patients also stand in training, with 23% of the test images")


def test_no_leak_where_patients_are_whole_or_nobody_knows_them() -> None:
    assert find_leak(_manifest(), _split(_manifest(), list(range(20)))) is None
    manifest = _manifest(groups=False)
    assert find_leak(manifest, _split(manifest, [0, 11])) is None


def test_a_patient_in_validation_and_test_leaks_too() -> None:
    manifest = _manifest()
    split = Split(unit="image", seed=0, train=tuple(range(10, 120)), val=tuple(range(5)), test=tuple(range(5, 10)))
    leak = find_leak(manifest, split)
    assert leak is not None
    assert leak.share == 1.0
