"""Identical images are never on two sides of a split, unless that is asked for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from zoo.data import Manifest, Sample
from zoo.data.identical_images import identical_sets
from zoo.data.split.identical import identical_messages, sets_apart
from zoo.data.split.leakage import find_leak
from zoo.data.split.policy import SplitPolicy
from zoo.data.split.split import Split
from zoo.data.split.split_file import read_split_file, write_split
from zoo.errors import DataError

Contents = Sequence[bytes | None]
Make = Callable[..., tuple[Manifest, Contents]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that makes thirty patients with four images each, with identical images as stated."""

    def manifest(
        same: Sequence[Sequence[int]] = (), *, blank: bool = False, grouped: bool = True, parts: str = ""
    ) -> tuple[Manifest, Contents]:
        pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels if not blank else np.full_like(pixels, 244)).save(tmp_path / "image.png")
        samples = tuple(
            Sample(
                path=tmp_path / "image.png",
                key=f"{number:03d}",
                label="ab"[number // 4 % 2],
                group=f"p{number // 4:02d}" if grouped else None,
                facts={"split": {"t": "train", "v": "val", "e": "test"}[parts[number // 4]]} if parts else {},
            )
            for number in range(120)
        )
        contents: list[bytes | None] = [f"{number}".encode() for number in range(120)]
        for indices in same:
            for index in indices:
                contents[index] = contents[indices[0]]
        return Manifest(source="made", name="made", classes=("a", "b"), samples=samples), contents

    return manifest


def _apart(split: Split, contents: Contents) -> int:
    return len(sets_apart(split, identical_sets(contents)))


def _everything(split: Split) -> list[int]:
    return sorted(itertools.chain(split.train, split.val, split.test, split.excluded))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("folds", [None, 4])
def test_patients_that_share_an_image_are_in_one_part_whole(make: Make, seed: int, folds: int | None) -> None:
    manifest, contents = make([(0, 9, 50, 70), (3, 2), (100, 119)])
    split = SplitPolicy(seed=seed, folds=folds).split(manifest, contents)
    part_of = split.part_of()
    assert {part_of[4 * patient + image] for patient in (0, 2, 12, 17) for image in range(4)} == {part_of[0]}
    assert _apart(split, contents) == 0
    assert find_leak(manifest, split, contents) is None
    assert (split.joined, split.excluded) == (6, ())
    assert _everything(split) == list(range(120))


@pytest.mark.parametrize("seed", range(5))
def test_identical_images_are_in_one_part_of_a_split_by_image(make: Make, seed: int) -> None:
    manifest, contents = make([(0, 9, 50, 70), (3, 2), (100, 119)], grouped=False)
    split = SplitPolicy(seed=seed).split(manifest, contents)
    assert split.unit == "image"
    assert _apart(split, contents) == 0
    assert split.excluded == ()


def test_a_split_of_data_without_identical_images_is_the_same_as_without_their_contents(make: Make) -> None:
    manifest, contents = make([(0, 1), (8, 10)])  # within patients
    assert SplitPolicy().split(manifest, contents) == SplitPolicy().split(manifest)


@pytest.mark.parametrize("how", ["patient", "image"])
def test_blank_images_do_not_join_patients_and_copies_of_test_images_are_left_out_of_training(
    make: Make, how: Any
) -> None:
    """Every patient has one image of empty glass; joined, they would be one patient, and no split possible."""
    manifest, contents = make([tuple(range(0, 120, 4))], blank=True)
    split = SplitPolicy(how=how).split(manifest, contents)
    assert split.joined == 0
    assert split.excluded
    assert set(split.excluded) <= set(range(0, 120, 4))
    assert _apart(split, contents) == 0
    assert _everything(split) == list(range(120))


def test_a_declared_split_with_identical_images_in_two_parts_is_refused_and_the_hint_names_the_options(
    make: Make,
) -> None:
    manifest, contents = make([(0, 118), (5, 6)], parts="t" * 18 + "v" * 4 + "e" * 8)
    with pytest.raises(DataError) as caught:
        SplitPolicy().split(manifest, contents)
    assert "identical images are in several parts of this split (train and test): 1" in str(caught.value)
    assert "'000' (train) = '118' (test)" in str(caught.value)
    assert "--identical exclude" in str(caught.value)
    assert "--identical allow" in str(caught.value)


def test_a_declared_split_keeps_its_test_part_if_copies_are_excluded_from_training(make: Make) -> None:
    manifest, contents = make([(0, 118), (5, 80), (81, 119)], parts="t" * 18 + "v" * 4 + "e" * 8)
    before = SplitPolicy(identical="allow").split(manifest, contents)
    after = SplitPolicy(identical="exclude").split(manifest, contents)
    assert after.test == before.test
    assert after.excluded == (0, 5, 81)
    assert _apart(after, contents) == 0
    leak = find_leak(manifest, before, contents)
    assert leak is not None
    assert (leak.patients, leak.identical, leak.share) == (0, 2, 2 / 32)
    assert "2 test images are identical to images in training" in str(leak)
    assert find_leak(manifest, after, contents) is None


def test_a_split_file_is_refused_excluded_or_allowed_like_a_declared_split(make: Make, tmp_path: Path) -> None:
    manifest, contents = make([(0, 118)])
    split = SplitPolicy(how="image").split(manifest)
    assert split.part_of()[0] != split.part_of()[118]
    write_split(tmp_path / "split.csv", manifest, split)
    given = read_split_file(tmp_path / "split.csv", manifest)
    with pytest.raises(DataError, match=r"given\.csv: identical images are in several parts of this split"):
        SplitPolicy().accept(manifest, given, contents, where="given.csv")
    assert SplitPolicy(identical="allow").accept(manifest, given, contents, where="") == given
    clean = SplitPolicy(identical="exclude").accept(manifest, given, contents, where="")
    write_split(tmp_path / "clean.csv", manifest, clean)
    assert read_split_file(tmp_path / "clean.csv", manifest) == clean
    assert len(clean.excluded) == 1


def test_excluding_copies_that_are_all_of_a_class_is_refused(make: Make) -> None:
    copies = [index for index in range(72) if index // 4 % 2]
    manifest, contents = make([(*copies, 119)], parts="t" * 18 + "v" * 4 + "e" * 8)
    with pytest.raises(DataError, match="the train part has no image of class 'b'"):
        SplitPolicy(identical="exclude").split(manifest, contents)


def test_what_was_done_with_identical_images_and_contradicting_labels_are_told(make: Make) -> None:
    manifest, contents = make([(0, 5), (3, 2)])
    split = SplitPolicy().split(manifest, contents)
    told = identical_messages(manifest, split, identical_sets(contents))
    assert told[0].startswith("identical images: 4, of 2 different ones; ")
    assert "patients that share an image are in the same part (2)" in told[0]
    assert told[1].startswith("identical images with different labels, which cannot all be right: 1")
    assert "'000' (a) = '005' (b)" in told[1]
    assert identical_messages(manifest, split, ()) == []
