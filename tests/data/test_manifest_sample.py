from __future__ import annotations

import os
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from zoo.data import Sample


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/data/a/1.png", "a/1.png"),
        ("/data/a/1.png", "1.png"),
        ("/data/a/1.png", "something else"),
        ("/data/a/x1.png", "1.png"),
        ("1.png", "1.png"),
        ("deep/1.png", "deep/1.png"),
        ("/1.png", "1.png"),
    ],
)
def test_sample_returns_the_path_it_was_given(path: str, key: str) -> None:
    sample = Sample(path=Path(path), key=key, label="a", group="p", facts={"magnification": "40"})
    assert sample.path == Path(path)
    assert (sample.key, sample.label, sample.group, dict(sample.facts)) == (key, "a", "p", {"magnification": "40"})


def test_sample_needs_only_path_key_and_label() -> None:
    sample = Sample(path=Path("x"), key="x", label="a")
    assert sample.group is None
    assert dict(sample.facts) == {}


def test_fields_of_a_sample_cannot_be_assigned() -> None:
    sample = Sample(path=Path("x"), key="x", label="a", facts={"subtype": "b"})
    with pytest.raises(FrozenInstanceError):
        sample.label = "b"  # type: ignore[misc]
    with pytest.raises(TypeError):
        sample.facts["subtype"] = "c"  # type: ignore[index]


def test_samples_share_equal_labels_patients_facts_and_folders() -> None:
    """Otherwise a hundred thousand samples would need much memory."""
    one, two = (
        Sample(path=Path(f"/data/{n}.png"), key=f"{n}.png", label="".join("ab"), group="".join("p1"), facts={"m": "40"})
        for n in range(2)
    )
    assert one.label is two.label
    assert one.group is two.group
    assert one.facts is two.facts
    assert one.folder is two.folder
    assert one.name is one.key
    assert not hasattr(one, "__dict__")


def test_file_name_that_is_not_utf8_gives_a_printable_key_and_a_usable_path(tmp_path: Path) -> None:
    path = Path(os.fsdecode(bytes(tmp_path / "caf") + b"\xe9.png"))
    path.write_bytes(b"tile")
    sample = Sample(path=path, key=path.name, label=path.stem, group=path.stem)
    assert sample.key == "caf\\xe9.png"
    assert sample.label == sample.group == "caf\\xe9"
    assert sample.path.read_bytes() == b"tile"
