from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from zoo.data.source_lookup import read_manifest
from zoo.registry import registry
from zoo.synthetic import TILE_SIZE, draw_tile, patients

SEED = 0
SPLITS = 20


@pytest.fixture
def sample() -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.intp]]:
    """Every tile of the sample, whether it is malignant, and the number of its patient."""
    number_of = {patient.slide: patient.number for patient in patients(SEED)}
    samples = read_manifest(registry().source("sample"), options={"seed": SEED}).samples
    tiles = np.stack([np.asarray(Image.open(one.path)) for one in samples])
    malignant = np.array([one.label == "malignant" for one in samples])
    slides = [one.path.name.split("-", 1)[1].rsplit("-", 2)[0] for one in samples]
    return tiles, malignant, np.array([number_of[slide] for slide in slides])


def _fingerprint(number: int, index: int) -> str:
    return hashlib.sha256(draw_tile(patients(SEED)[number - 1], index, seed=SEED).tobytes()).hexdigest()


def test_a_tile_is_8_bit_rgb_of_230_by_350_pixels() -> None:
    tile = draw_tile(patients(SEED)[0], 0, seed=SEED)
    assert tile.shape == (*TILE_SIZE, 3) == (230, 350, 3)
    assert tile.dtype == np.uint8


@pytest.mark.parametrize("size", [(96, 96), (64, 200), (300, 120)])
@pytest.mark.parametrize("number", [1, 11])
def test_a_tile_can_have_another_size(number: int, size: tuple[int, int]) -> None:
    assert draw_tile(patients(SEED)[number - 1], 0, seed=SEED, size=size).shape == (*size, 3)


def test_a_tile_is_identical_in_another_process_and_in_another_order() -> None:
    wanted = [(1, 0), (12, 3), (30, 5), (7, 2)]
    here = {f"{number}/{index}": _fingerprint(number, index) for number, index in wanted}
    script = (
        "import hashlib, json\n"
        "from zoo.synthetic import draw_tile, patients\n"
        f"wanted = {wanted[::-1]}\n"
        f"tiles = {{f'{{n}}/{{i}}': draw_tile(patients({SEED})[n - 1], i, seed={SEED}) for n, i in wanted}}\n"
        "print(json.dumps({k: hashlib.sha256(v.tobytes()).hexdigest() for k, v in tiles.items()}))\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True)
    assert json.loads(answer.stdout) == here


def test_seed_patient_and_index_each_change_the_tile() -> None:
    first, second = patients(SEED)[:2]
    tiles = [
        draw_tile(first, 0, seed=SEED),
        draw_tile(first, 1, seed=SEED),
        draw_tile(second, 0, seed=SEED),
        draw_tile(first, 0, seed=SEED + 1),
    ]
    assert len({tile.tobytes() for tile in tiles}) == len(tiles)


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_patients_are_distributed_over_classes_and_subtypes_as_in_breakhis(seed: int) -> None:
    found = patients(seed)
    assert found == patients(seed)
    assert [patient.number for patient in found] == list(range(1, 31))
    assert Counter(patient.malignant for patient in found) == {True: 20, False: 10}
    assert all(8 <= patient.tiles <= 16 for patient in found)
    benign = sum(patient.tiles for patient in found if not patient.malignant)
    assert 0.25 < benign / sum(patient.tiles for patient in found) < 0.40
    assert {patient.subtype for patient in found if patient.malignant} == {"DC", "LC", "MC", "PC"}
    assert {patient.subtype for patient in found if not patient.malignant} == {"A", "F", "PT", "TA"}
    assert len({patient.slide for patient in found}) == 30


def test_another_seed_gives_other_patients() -> None:
    assert patients(0) != patients(1)


def test_fields_of_a_patient_cannot_be_assigned() -> None:
    with pytest.raises(FrozenInstanceError):
        patients(SEED)[0].tiles = 3  # type: ignore[misc]


def _training_tiles(malignant: NDArray[np.bool_], numbers: NDArray[np.intp], split: int) -> NDArray[np.bool_]:
    """Return which tiles belong to the 60 % of the patients of each class that are in the training part of a split."""
    rng = np.random.default_rng(split)
    chosen: list[int] = []
    for kind in (False, True):
        of_kind = rng.permutation(np.unique(numbers[malignant == kind]))
        chosen.extend(of_kind[: round(0.6 * len(of_kind))])
    return np.isin(numbers, chosen)


def _held_out_scores(
    features: NDArray[np.float64], malignant: NDArray[np.bool_], numbers: NDArray[np.intp]
) -> list[float]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scores = []
    for split in range(SPLITS):
        training = _training_tiles(malignant, numbers, split)
        model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000))
        model.fit(features[training], malignant[training])
        scores.append(balanced_accuracy_score(malignant[~training], model.predict(features[~training])))
    return scores


def test_the_class_cannot_be_predicted_from_color_alone(
    sample: tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.intp]],
) -> None:
    tiles, malignant, numbers = sample
    color = np.array([[*tile.mean(axis=(0, 1)), *tile.std(axis=(0, 1))] for tile in tiles])
    scores = _held_out_scores(color, malignant, numbers)
    assert np.mean(scores) < 0.65
    assert max(scores) < 0.75


def _contrast_by_scale(tile: NDArray[np.uint8]) -> list[float]:
    """Return the contrast of the red channel at each scale, which describes shapes and not color."""
    plane = tile[:224, :320, 0].astype(np.float64)
    plane = (plane - plane.mean()) / plane.std()
    energies = []
    for _ in range(5):
        rows, columns = plane.shape
        coarse = plane.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3))
        energies.append(float(np.log(np.var(plane - coarse.repeat(2, 0).repeat(2, 1)))))
        plane = coarse
    return energies


def test_the_class_can_be_predicted_from_shapes(
    sample: tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.intp]],
) -> None:
    tiles, malignant, numbers = sample
    shapes = np.array([_contrast_by_scale(tile) for tile in tiles])
    assert np.mean(_held_out_scores(shapes, malignant, numbers)) > 0.8
