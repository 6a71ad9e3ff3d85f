from __future__ import annotations

from dataclasses import replace
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


def test_samples_are_sorted_by_key(tmp_path: Path) -> None:
    manifest = _manifest(_samples(tmp_path)[::-1])
    assert [sample.key for sample in manifest.samples] == ["0.png", "1.png", "2.png"]
    assert manifest.labels == [0, 1, 0]
    assert manifest.groups == ["p1", "p2", "p3"]
    assert manifest.counts() == {"a": 2, "b": 1}


def test_groups_are_unknown_if_one_sample_has_no_patient() -> None:
    samples = [
        Sample(path=Path("x"), key="x", label="a", group="p"),
        Sample(path=Path("y"), key="y", label="b"),
    ]
    assert _manifest(samples).groups is None


def test_the_names_of_one_patient_are_one_however_they_are_written(tmp_path: Path) -> None:
    samples = _samples(tmp_path, ("Müller a", "MU\u0308LLER A", "Meier", "müller a ", "007", "7"))
    manifest = _manifest(samples)
    assert manifest.groups == ["Müller a", "Müller a", "Meier", "Müller a", "007", "7"]
    assert manifest.spellings == (("Müller a", "MU\u0308LLER A", "müller a "),)
    fewer = replace(manifest, samples=manifest.samples[1:3])
    assert (fewer.groups, fewer.spellings) == (["Müller a", "Meier"], manifest.spellings)


def test_class_without_images_has_count_zero(tmp_path: Path) -> None:
    assert _manifest(_samples(tmp_path, ("p",))).counts() == {"a": 1, "b": 0}


def test_fingerprint_does_not_depend_on_order_or_folder(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    assert _manifest(_samples(here)).fingerprint() == _manifest(_samples(there)[::-1]).fingerprint()


def test_fingerprint_changes_with_content_label_patient_or_key(tmp_path: Path) -> None:
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


def test_two_samples_with_one_key_are_refused(tmp_path: Path) -> None:
    samples = _samples(tmp_path)
    with pytest.raises(DataError, match=r"several images have the same name: '0\.png'"):
        _manifest([*samples, samples[0]])


def test_manifest_without_images_is_refused() -> None:
    with pytest.raises(DataError, match="tiles: no images were found"):
        _manifest([])
