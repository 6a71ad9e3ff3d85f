from __future__ import annotations

from pathlib import Path

import pytest

from zoo.data import Manifest, Sample
from zoo.errors import DataError


def _samples(folder: Path, groups: tuple[str | None, ...] = ("p1", "p2", "p3")) -> list[Sample]:
    samples = []
    for number, group in enumerate(groups):
        path = folder / f"{number}.png"
        path.write_bytes(b"tile %d" % number)
        samples.append(Sample(path=path, key=path.name, label="ab"[number % 2], group=group))
    return samples


def _manifest(samples: list[Sample]) -> Manifest:
    return Manifest(source="folder", name="tiles", classes=("a", "b"), samples=tuple(samples))


def test_samples_stand_in_the_order_of_their_keys(tmp_path: Path) -> None:
    manifest = _manifest(_samples(tmp_path)[::-1])
    assert [sample.key for sample in manifest.samples] == ["0.png", "1.png", "2.png"]
    assert manifest.labels == [0, 1, 0]
    assert manifest.groups == ["p1", "p2", "p3"]
    assert manifest.counts() == {"a": 2, "b": 1}


def test_one_sample_without_a_patient_leaves_all_without() -> None:
    samples = [
        Sample(path=Path("x"), key="x", label="a", group="p"),
        Sample(path=Path("y"), key="y", label="b"),
    ]
    assert _manifest(samples).groups is None


def test_a_class_without_images_counts_as_none(tmp_path: Path) -> None:
    assert _manifest(_samples(tmp_path, ("p",))).counts() == {"a": 1, "b": 0}


def test_the_fingerprint_forgets_order_and_place(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    assert _manifest(_samples(here)).fingerprint() == _manifest(_samples(there)[::-1]).fingerprint()


def test_the_fingerprint_knows_bytes_labels_patients_and_names(tmp_path: Path) -> None:
    samples = _samples(tmp_path)
    before = _manifest(samples).fingerprint()
    first = samples[0]

    def changed(**fields: str | None) -> str:
        facts = {"path": first.path, "key": first.key, "label": first.label, "group": first.group, **fields}
        return _manifest([Sample(**facts), *samples[1:]]).fingerprint()

    different = [changed(key="00.png"), changed(label="b"), changed(group="p9"), changed(group=None)]
    first.path.write_bytes(b"another tile")
    different.append(_manifest(samples).fingerprint())
    assert len({before, *different}) == 6


def test_two_images_of_one_name_are_refused(tmp_path: Path) -> None:
    samples = _samples(tmp_path)
    with pytest.raises(DataError, match=r"1 names stand for more than one image, such as '0\.png'"):
        _manifest([*samples, samples[0]])


def test_no_image_at_all_is_refused() -> None:
    with pytest.raises(DataError, match="tiles: no image was found"):
        _manifest([])
