"""Images that are unlike the training images."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import zoo
from tests.installed_packages import Answer
from zoo.calibration.novelty import UNLIKE, Novelty
from zoo.classifier.head_features import head_features
from zoo.classifier.novelty_detector import NoveltyDetector
from zoo.errors import BundleError
from zoo.files import read_json, sha256
from zoo.registry import registry
from zoo.runs import Run
from zoo.tensors import read_tensors, write_tensors
from zoo.training.finetuning import head_layer


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A picture that is like no image of the training: blue sky above a red field, with a black sun."""
    pixels = np.zeros((32, 32, 3), dtype=np.uint8)
    pixels[:16], pixels[16:], pixels[4:10, 4:10] = (40, 90, 255), (255, 0, 0), 0
    Image.fromarray(pixels).save(tmp_path / "trap.png")
    return tmp_path / "trap.png"


def test_a_picture_unlike_the_training_images_is_none_of_the_classes_in_words(
    calibrated: Run, trap: Path, hard_tiles: Path, command: Callable[..., Answer], tmp_path: Path
) -> None:
    model, tile = zoo.from_pretrained(calibrated), hard_tiles.parent / "0-0.png"
    strange, usual = model.predict([trap, tile])
    assert strange.unlike_training
    assert strange.answer == UNLIKE == "none of these: unlike my training images"
    assert strange.label in model.classes
    assert not usual.unlike_training
    assert usual.answer == usual.label
    told = command("predict", calibrated.path, trap, tile)
    assert [UNLIKE in line for line in told.out.splitlines() if "png" in line] == [True, False]
    rows = json.loads(command("predict", calibrated.path, trap, tile, "--json").out)
    assert [row["unlike_training"] for row in rows] == [True, False]
    command("predict", calibrated.path, trap, tile, "--csv", tmp_path / "answers.csv")
    with (tmp_path / "answers.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert [row["unlike_training"] for row in table] == ["yes", "no"]
    assert [float(row["novelty"]) for row in table] == pytest.approx([strange.novelty, usual.novelty], rel=1e-4)


def test_explain_says_of_a_picture_unlike_the_training_images_that_it_is_in_the_words_of_predict(
    calibrated: Run, trap: Path, hard_tiles: Path, command: Callable[..., Answer], tmp_path: Path
) -> None:
    tile, figure = hard_tiles.parent / "0-0.png", tmp_path / "maps.svg"
    said = command("explain", calibrated.path, trap, tile, "--out", figure)
    assert said.status == 0, said.err
    assert said.out.splitlines()[0] == f"trap.png, {calibrated.path}: {UNLIKE}"
    assert said.out.count(UNLIKE) == 1
    assert figure.read_text(encoding="utf-8").count(UNLIKE) == 1
    rows = json.loads(command("explain", calibrated.path, trap, tile, "--out", tmp_path / "b.svg", "--json").out)
    assert [row["unlike_training"] for row in rows] == [True, False]
    assert rows[0]["novelty"] > 1 >= rows[1]["novelty"]


def test_the_novelty_is_the_same_from_predict_explain_and_the_generator(calibrated: Run, hard_tiles: Path) -> None:
    model, tile = zoo.from_pretrained(calibrated), hard_tiles.parent / "5-1.png"
    found = model.predict(tile).novelty
    assert found is not None
    assert model.explain(tile).prediction.novelty == pytest.approx(found, rel=1e-4)
    (row,) = zoo.predict([calibrated.path, calibrated.bundle], tile, symmetries=True)
    assert row.prediction is not None
    assert row.prediction.novelty == pytest.approx(found, rel=1e-4)


@pytest.mark.parametrize("color", [(255, 255, 255), (243, 240, 244), (0, 0, 0)])
def test_blank_glass_is_unlike_the_training_images(calibrated: Run, color: tuple[int, int, int]) -> None:
    glass = np.full((32, 32, 3), color, dtype=np.uint8)
    assert zoo.from_pretrained(calibrated).predict(glass).unlike_training


def test_few_of_the_held_out_images_are_flagged_and_evaluation_says_how_many(
    calibrated: Run, command: Callable[..., Answer]
) -> None:
    metrics = calibrated.metrics
    assert metrics.novelty is not None
    assert metrics.novelty.share.value is not None
    assert metrics.novelty.share.value <= 0.15
    unlike = f"{metrics.novelty.images} of {metrics.measures.samples} images are unlike the training images"
    assert f"novelty: {unlike} (out-of-distribution)" in command("evaluate", calibrated.path).out


def test_threads_that_share_a_classifier_get_the_novelty_of_a_single_thread(calibrated: Run, hard_tiles: Path) -> None:
    model = zoo.from_pretrained(calibrated)
    images = sorted(hard_tiles.parent.glob("*.png"))[:24]
    alone = [(model.predict(image), model.explain(image).prediction) for image in images]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda image: (model.predict(image), model.explain(image).prediction), images))
    assert together == alone
    assert not model.network.get_submodule("fc")._forward_pre_hooks


def test_the_layer_that_returns_the_logits_is_found_for_every_architecture_of_the_zoo() -> None:
    models = {blueprint.architecture.name: blueprint for blueprint in map(registry().model, zoo.list_models())}
    assert [name for name, blueprint in models.items() if head_layer(blueprint, 2) is None] == []


@pytest.mark.parametrize("name", ["dala", "cbam20", "seresnet50", "vit", "lung_frelu"])
def test_the_head_takes_one_vector_for_each_image(name: str) -> None:
    blueprint = registry().model(name)
    model, layer = zoo.create_model(name), head_layer(blueprint, 2)
    size = 224 if name == "vit" else 64
    with torch.no_grad(), head_features(model.network, layer) as features:
        logits = model(torch.zeros(2, 3, size, size))
    (found,) = features
    assert found.ndim == 2
    assert len(found) == len(logits) == 2
    assert layer is not None
    assert torch.equal(model.network.get_submodule(layer)(found), logits)


def test_a_saved_classifier_still_tells(calibrated: Run, trap: Path, tmp_path: Path) -> None:
    model = zoo.from_pretrained(calibrated)
    copy = zoo.from_pretrained(model.save(tmp_path / "copy"))
    assert copy.predict(trap) == model.predict(trap)


def _tampered(bundle: Path, **changes: Any) -> None:
    """Change the novelty in calibration.json, or the features, and make config.json describe the changed files."""
    config = read_json(bundle / "config.json", at_most=1 << 20)
    if features := changes.pop("features", None):
        tensors = read_tensors(bundle / "novelty.safetensors")
        write_tensors(bundle / "novelty.safetensors", features(tensors["features"]))
    document = read_json(bundle / "calibration.json", at_most=1 << 20)
    document["novelty"].update(changes)
    (bundle / "calibration.json").write_text(json.dumps(document), encoding="utf-8")
    for key, name in (("calibration", "calibration.json"), ("novelty", "novelty.safetensors")):
        config[key]["sha256"] = sha256(bundle / name)
    (bundle / "config.json").write_text(json.dumps(config), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"layer": "head"}, "names a layer that does not take these features: 'head'"),
        ({"layer": ""}, "names a layer that does not take these features"),
        ({"distance": 0.0}, "distance must be above 0"),
        ({"distance": float("inf")}, "distance must be a number"),
        ({"neighbors": 0}, "neighbors must be from 1"),
        ({"contrast": -1.0}, "contrast from 0 to 255"),
        ({"features": lambda rows: {"features": rows[:, :3].clone()}}, "does not take these features"),
        ({"features": lambda rows: {"features": rows * torch.nan}}, "rows whose length is not 1"),
        ({"features": lambda rows: {"features": rows[0]}}, "not contain exactly one matrix"),
        ({"features": lambda rows: {"other": rows}}, "not contain exactly one matrix"),
        ({"features": lambda rows: {"features": torch.eye(5)}}, "does not take these features"),
    ],
)
def test_a_detector_that_was_tampered_with_is_one_error(
    calibrated: Run, tmp_path: Path, changes: dict[str, Any], problem: str
) -> None:
    shutil.copytree(calibrated.bundle, tmp_path / "bundle")
    _tampered(tmp_path / "bundle", **changes)
    with pytest.raises(BundleError, match=problem):
        zoo.from_pretrained(tmp_path / "bundle")


def test_features_of_another_model_are_one_error(calibrated: Run, tmp_path: Path) -> None:
    file = shutil.copytree(calibrated.bundle, tmp_path / "bundle") / "novelty.safetensors"
    write_tensors(file, {"features": read_tensors(file)["features"].flip(1)})
    with pytest.raises(
        BundleError, match=r"novelty\.safetensors is not the file that config\.json describes: its sha256"
    ):
        zoo.from_pretrained(tmp_path / "bundle")


def test_an_image_with_less_contrast_than_all_training_images_is_unlike_them_however_near_its_features_are() -> None:
    bank = torch.eye(3)
    detector = NoveltyDetector(Novelty(layer="fc", neighbors=1, distance=0.5, contrast=12.0), bank)
    found = detector(5 * bank, torch.tensor([6.0, 12.0, 24.0]))
    assert found.tolist() == pytest.approx([2.0, 1.0, 0.5])
    between = detector(torch.tensor([[1.0, 1.0, 0.0]]), torch.tensor([100.0]))
    assert between.item() == pytest.approx(np.sqrt(2 - np.sqrt(2)) / 0.5)


def test_features_that_are_missing_are_one_error(calibrated: Run, tmp_path: Path) -> None:
    shutil.copytree(calibrated.bundle, tmp_path / "bundle")
    (tmp_path / "bundle" / "novelty.safetensors").unlink()
    with pytest.raises(BundleError, match=r"novelty\.safetensors is not the file that config\.json describes"):
        zoo.from_pretrained(tmp_path / "bundle")
