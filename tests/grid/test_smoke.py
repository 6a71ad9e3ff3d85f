from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from zoo.data.manifest import Manifest
from zoo.data.source_lookup import read_manifest
from zoo.data.split.policy import SplitPolicy
from zoo.grid.smoke import MOST_IMAGES, few_images, smoke_side
from zoo.registry import registry
from zoo.reproduction.paper_table import paper_table


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """The images of the synthetic sample, as plain tiles: only who and what they are of matters here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(
            "zoo.data.sources.synthetic_sample.draw_tile", lambda *_, **__: np.zeros((8, 8, 3), dtype=np.uint8)
        )
        return read_manifest(registry().source("sample"))


def test_a_smoke_run_has_few_images_of_every_class_in_every_part(sample: Manifest) -> None:
    for how in ("image", "patient"):
        split = few_images(sample, SplitPolicy(how=how))
        assert split == few_images(sample, SplitPolicy(how=how))
        for part, most in MOST_IMAGES.items():
            labels = Counter(sample.samples[index].label for index in split.part(part))
            assert set(labels) == set(sample.classes)
            assert sum(labels.values()) <= most


def test_a_smoke_run_by_patient_keeps_patients_apart(sample: Manifest) -> None:
    split = few_images(sample, SplitPolicy(how="patient"))
    patients = [{sample.samples[index].group for index in split.part(part)} for part in MOST_IMAGES]
    assert sum(map(len, patients)) == len(set.union(*patients))


def test_the_test_parts_of_both_smoke_splits_have_images_in_common(sample: Manifest) -> None:
    """Else nothing could be said about the leak."""
    parts = [set(few_images(sample, SplitPolicy(how=how)).test) for how in ("image", "patient")]
    assert len({sample.samples[index].label for index in set.intersection(*parts)}) == 2


@pytest.mark.parametrize(("paper", "side"), [("liu2023", 112), ("guo2024", 32), ("kim2023", 32)])
def test_a_smoke_run_has_the_smallest_images_that_all_networks_of_a_table_accept(paper: str, side: int) -> None:
    sizes = [registry().model(row.name).architecture.image_size for row in paper_table(paper).rows]
    assert smoke_side(sizes) == side
    for size in sizes:
        size.check(side, side)
