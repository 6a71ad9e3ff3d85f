"""Images without a patient, or without a part, among others that have one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.conftest import Draw
from tests.installed_packages import Answer
from zoo.data import Manifest, Sample
from zoo.data.split.leakage import find_leak
from zoo.data.split.policy import SplitPolicy
from zoo.data.split.unknown_patients import unknown_patients
from zoo.errors import DataError


def _manifest(*, without_patient: int = 1, without_part: int = 0, parts: bool = False) -> Manifest:
    """Return 42 images of twelve patients; the first ones lack the patient or the part."""
    samples = [
        Sample(
            path=Path("x"),
            key=f"{number:02d}",
            label="ab"[number % 2],
            group=None if number < without_patient else f"p{number % 12}",
            facts={"split": ("train", "val", "test")[number % 3]} if parts and number >= without_part else {},
        )
        for number in range(42)
    ]
    return Manifest(source="made", name="made", classes=("a", "b"), samples=tuple(samples))


@pytest.mark.parametrize("policy", [SplitPolicy(), SplitPolicy(how="patient"), SplitPolicy(folds=3)])
def test_one_image_without_a_patient_is_refused_instead_of_a_split_by_image(policy: SplitPolicy) -> None:
    with pytest.raises(DataError, match=r"1 of 42 images has no patient, .*: '00'") as caught:
        policy.split(_manifest())
    assert "--split image leaks" in str(caught.value)


def test_a_split_by_image_counts_the_leak_of_the_patients_that_are_known() -> None:
    manifest = _manifest(without_patient=2)
    leak = find_leak(manifest, SplitPolicy(how="image").split(manifest))
    assert leak is not None
    assert leak.patients == leak.test_patients > 5


def test_a_split_that_the_data_declare_for_all_images_but_some_is_refused_and_these_are_named() -> None:
    with pytest.raises(DataError) as caught:
        SplitPolicy().split(_manifest(without_patient=0, without_part=2, parts=True))
    assert "2 of 42 images are in none of its parts: '00', '01'" in str(caught.value)
    assert "--split patient" in str(caught.value)
    assert SplitPolicy(how="patient").split(_manifest(without_patient=0, without_part=2, parts=True)).unit == "patient"


def test_patients_that_are_known_are_not_called_unknown() -> None:
    assert unknown_patients(_manifest(without_patient=0)) is None
    assert unknown_patients(_manifest(without_patient=1)) is None
    assert unknown_patients(_manifest(without_patient=42)) is not None


def test_inspect_lists_images_without_a_patient(
    tmp_path: Path, draw: Draw, command: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{label}/{number}{label}.png" for label in "ab" for number in range(4)]
    draw(tmp_path / "set", names, size=(40, 40))
    samples = tuple(
        Sample(path=tmp_path / "set" / name, key=name, label=name[0], group=None if name == names[0] else "p")
        for name in names
    )
    manifest = Manifest(source="made", name="made", classes=("a", "b"), samples=samples)
    monkeypatch.setattr("zoo.data.source_lookup.read_manifest", lambda *_, **__: manifest)
    answer = command("data", "inspect", tmp_path / "set")
    assert "without a patient: 1\n  'a/0a.png'" in answer.out
    assert "a split by patient is not possible: 1 of 8 images has no patient" in answer.out


def _listed(*rows: tuple[str, str, dict[str, str]]) -> Manifest:
    """Return a manifest of images without a patient, by key, label and facts."""
    samples = tuple(Sample(path=Path("x"), key=key, label=label, facts=facts) for key, label, facts in rows)
    return Manifest(source="made", name="made", classes=tuple(sorted({row[1] for row in rows})), samples=samples)


def test_a_column_that_keeps_images_together_is_named_if_no_column_is_the_patient() -> None:
    slides = _listed(*((f"{number}.png", "ab"[number % 2], {"slide": f"s{number // 3}"}) for number in range(12)))
    assert "each image has a slide" in str(unknown_patients(slides))
    each_its_own = _listed(*((f"{number}.png", "ab"[number % 2], {"slide": f"s{number}"}) for number in range(12)))
    assert "slide" not in str(unknown_patients(each_its_own))


@pytest.mark.parametrize(
    ("keys", "warned"),
    [
        ([f"{patient}/{kind}/{number}.png" for patient in "pqrs" for kind in "ab" for number in "12"], True),
        ([f"train/{patient}/{kind}/1.png" for patient in "pqrs" for kind in "ab"], True),
        ([f"{kind}/{patient}/{number}.png" for patient in "pqrs" for kind in "ab" for number in "12"], False),
        ([f"{kind}/{zoom}/{number}.png" for zoom in ("40X", "100X") for kind in "ab" for number in "12"], False),
        ([f"{patient}/{number}.png" for patient in "pqrs" for number in "12"], False),
    ],
    ids=["patient/class", "train/patient/class", "class/patient", "class/magnification", "no folders in them"],
)
def test_patients_that_were_read_as_classes_are_noticed(keys: list[str], warned: bool) -> None:
    rows = [(key, key.removeprefix("train/").partition("/")[0], {}) for key in keys]
    said = str(unknown_patients(_listed(*rows)))
    assert ("were read as the classes, and have the same folders in them: a, b" in said) is warned


def test_inspect_and_train_say_that_the_patients_are_unknown(
    tmp_path: Path, draw: Draw, command: Callable[..., Answer]
) -> None:
    draw(tmp_path / "set", [f"{label}/{number}{label}.png" for label in "ab" for number in range(20)], size=(40, 40))
    said = "the patients are unknown; if a patient has several images"
    assert said in command("data", "inspect", tmp_path / "set").out
    small = ["--recipe", "modern", "--height", "32", "--width", "32", "--epochs", "1", "--batch-size", "4"]
    trained = command("train", "resnet20", "--data", "folder", "--root", tmp_path / "set", *small)
    assert trained.status == 0, trained.err
    assert f"split by image: {said}" in trained.err
