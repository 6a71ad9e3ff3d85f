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
