"""An evaluation at another magnification or image size than that of the training says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.tables import draw_table
from zoo import evaluate
from zoo.bundle.bundle_config import BundleConfig
from zoo.config.plain import from_plain, plain
from zoo.data.image_scale import image_scale
from zoo.data.source_lookup import read_manifest
from zoo.metrics.scale_change import ImageScale, normalized_magnification, scale_change
from zoo.registry import registry
from zoo.runs import Run


def label(patient: int, number: int) -> str:
    return ("bright", "dark")[(patient + number) % 2]


def test_a_bundle_records_the_size_and_magnification_of_the_training_images(trained: Run) -> None:
    training = BundleConfig.read(trained.bundle).training
    assert training is not None
    assert training.data.scale == ImageScale(magnifications={}, width=48, height=40)
    assert trained.metrics.scale is None


def test_images_of_another_size_are_said(trained: Run, tmp_path: Path) -> None:
    table = draw_table(tmp_path / "images", patients=4, images=2, label=label, size=(96, 80))
    found = evaluate(trained, data="csv", root=table).metrics.scale
    assert str(found).startswith("the model was trained on images of 48x40 pixels, and these have 96x80")


def test_images_of_the_same_size_are_not(trained: Run, tmp_path: Path) -> None:
    table = draw_table(tmp_path / "images", patients=4, images=2, label=label, size=(50, 41))
    assert evaluate(trained, data="csv", root=table).metrics.scale is None


def test_images_that_state_no_magnification_are_counted(tmp_path: Path) -> None:
    table = draw_table(tmp_path / "images", patients=4, images=2, label=label)
    header, *rows = table.read_text().splitlines()
    stated = [f"{row},{'40X' if number < 5 else ''}" for number, row in enumerate(rows)]
    table.write_text("\n".join([f"{header},magnification", *stated]))
    found = image_scale(read_manifest(registry().source("csv"), root=table).samples)
    assert (found.magnifications, found.unstated) == ({"40": 5}, 3)
    assert from_plain(ImageScale, plain(found)) == found
    table.write_text("\n".join([f"{header},magnification", *(f"{row},40" for row in rows)]))
    found = image_scale(read_manifest(registry().source("csv"), root=table).samples)
    assert "unstated" not in plain(found)


def scale(
    *, size: tuple[int, int] | None = (700, 460), unstated: int | None = None, **magnifications: int
) -> ImageScale:
    width, height = size or (None, None)
    found = {name.removeprefix("x"): count for name, count in magnifications.items()}
    return ImageScale(magnifications=found, width=width, height=height, unstated=unstated)


@pytest.mark.parametrize(
    ("trained_on", "evaluated", "said"),
    [
        (scale(x40=9), scale(x40=5), None),
        (scale(x40=9, x100=9), scale(x100=5), None),
        (scale(x40=9), scale(x100=5), "the model was trained at 40x, and these images are at 100x"),
        (scale(x40=9), scale(x40=1, x100=1200), "trained at 40x, and 1,200 of these 1,201 images are at 100x"),
        (scale(x40=9, x100=1), scale(x200=1, x400=1), "at 40x and 100x, and these images are at 200x and 400x"),
        (scale(x40=9), scale(), "trained at 40x, and the magnification of these images is not known"),
        (scale(), scale(x40=9), None),
        (scale(size=None, x40=9), scale(size=(50, 50), x40=9), None),
        (scale(), scale(size=None), None),
        (None, scale(x40=9), None),
        (
            scale(x40=9),
            scale(x40=20, unstated=10),
            "trained at 40x, and 10 of these 30 images state no magnification",
        ),
        (
            scale(x40=9),
            scale(x100=20, unstated=1),
            "trained at 40x, and 20 of these 21 images are at 100x, and 1 states no magnification",
        ),
        (scale(x40=9, unstated=3), scale(x40=20, unstated=10), None),
        (
            scale(x40=9, unstated=3),
            scale(x100=20),
            "at 40x (3 of its 12 images state no magnification), and these images are at 100x",
        ),
    ],
)
def test_what_is_said_of_another_magnification(
    trained_on: ImageScale | None, evaluated: ImageScale, said: str | None
) -> None:
    found = scale_change(trained_on, evaluated)
    assert (found is None) == (said is None)
    assert said is None or said in str(found)


@pytest.mark.parametrize(
    ("text", "one"), [("40X", "40"), (" 40x", "40"), ("40.0", "40"), ("1.25x", "1.25"), ("?", "?")]
)
def test_magnifications_have_one_spelling(text: str, one: str) -> None:
    assert normalized_magnification(text) == one


def test_a_bundle_without_the_scale_still_knows_the_magnification_that_was_asked_for(provenance: Any) -> None:
    from zoo.evaluation.evaluation import trained_scale

    assert trained_scale(provenance) == ImageScale(magnifications={"40": 2000}, width=None, height=None)
    everything = replace(provenance, data=replace(provenance.data, options={"magnification": "all"}))
    assert trained_scale(everything) is None
