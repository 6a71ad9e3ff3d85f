from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from zoo import Classifier, create_model
from zoo.errors import BundleError

SIGMOID = "models:\n  tiny_sigmoid:\n    architecture: small_resnet\n    options: {depth: 8}\n    head: sigmoid\n"
NOT_NUMBERS = [float("nan"), float("inf"), -float("inf")]
DAMAGED = "the weights of this model, or the mean and std of its preprocessing, are damaged"


@pytest.fixture
def tiles(tmp_path: Path) -> list[Path]:
    noise = np.random.default_rng(0).integers(0, 256, (3, 20, 30, 3), dtype=np.uint8)
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for path, pixels in zip(paths, noise, strict=True):
        Image.fromarray(pixels).save(path)
    return paths


@pytest.fixture(params=["softmax", "sigmoid"])
def classifier(request: pytest.FixtureRequest, own_registry: Callable[[str], None]) -> Classifier:
    own_registry(SIGMOID)
    torch.manual_seed(0)
    if request.param == "sigmoid":
        return create_model("tiny_sigmoid", classes=["benign", "malignant"])
    return create_model("resnet20", classes=["benign", "malignant"], options={"depth": 8})


def _damage(classifier: Classifier, value: float) -> Classifier:
    with torch.no_grad():
        classifier.network.get_parameter("fc.bias").fill_(value)
    return classifier


@pytest.mark.parametrize("value", NOT_NUMBERS)
@pytest.mark.parametrize("method", ["predict", "explain"])
def test_an_output_that_is_not_a_finite_number_is_an_error_that_names_the_image(
    classifier: Classifier, tiles: list[Path], method: str, value: float
) -> None:
    _damage(classifier, value)
    for images, name in ((tiles[1], str(tiles[1])), (np.asarray(Image.open(tiles[1])), "1 of 1")):
        with pytest.raises(BundleError) as caught:
            getattr(classifier, method)(images)
        assert f"the model gave a non-finite output for image {name}: {value:g}" in str(caught.value)
        assert DAMAGED in str(caught.value)


@pytest.mark.parametrize("label", [None, "benign"])
def test_explain_does_not_return_a_nan_for_a_chosen_class_either(
    classifier: Classifier, tiles: list[Path], label: str | None
) -> None:
    with pytest.raises(BundleError, match="non-finite output"):
        _damage(classifier, float("nan")).explain(tiles[0], label=label)


def test_the_image_is_named_that_the_output_is_not_finite_for(classifier: Classifier, tiles: list[Path]) -> None:
    def overflow(_module: object, inputs: tuple[torch.Tensor], logits: torch.Tensor) -> torch.Tensor:
        logits = logits.clone()
        logits[(inputs[0] == classifier.preprocess(tiles[2])).flatten(1).all(dim=1)] = torch.inf
        return logits

    classifier.network.register_forward_hook(overflow)
    assert len(classifier.predict(tiles[:2])) == 2
    for batch_size in (1, 2, 32):
        with pytest.raises(BundleError, match=r"for image \S+2\.png: inf"):
            classifier.predict(tiles, batch_size=batch_size)
        with pytest.raises(BundleError, match="for image 3 of 3: inf"):
            classifier.predict([np.asarray(Image.open(tile)) for tile in tiles], batch_size=batch_size)


def test_probabilities_are_never_computed_from_logits_that_are_not_finite(classifier: Classifier) -> None:
    logits = torch.zeros(4, classifier.network.get_parameter("fc.bias").numel())
    assert torch.isfinite(classifier.probabilities(logits)).all()
    logits[2] = torch.nan
    with pytest.raises(BundleError, match="for image 3 of 4: nan"):
        classifier.probabilities(logits)


def test_calling_the_model_returns_what_the_network_computes(classifier: Classifier, tiles: list[Path]) -> None:
    with torch.no_grad():
        logits = _damage(classifier, float("nan"))(classifier.preprocess(tiles))
    assert torch.isnan(logits).all()


def test_the_largest_finite_outputs_give_probabilities(classifier: Classifier, tiles: list[Path]) -> None:
    largest = torch.finfo(torch.float32).max
    for value in (largest, -largest):
        found = _damage(classifier, value).predict(tiles[0])
        assert sum(found.probabilities.values()) == pytest.approx(1)


@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_zoo_predict_prints_the_error_and_no_nan(
    classifier: Classifier, tiles: list[Path], command: Callable[..., Any], tmp_path: Path, json_option: list[str]
) -> None:
    bundle = _damage(classifier, float("nan")).save(tmp_path / "bundle")
    answer = command("predict", bundle, *tiles, *json_option)
    assert answer.status == 1
    assert f"{tiles[0]}: the output of the network is not a number" in answer.err
    if json_option:
        assert [set(row) for row in json.loads(answer.out)] == [{"path", "error"}] * len(tiles)
    else:
        assert answer.out == ""


@pytest.mark.parametrize(("key", "value"), [("std", 0.0), ("mean", 1e308), ("std", -1.0), ("mean", float("nan"))])
def test_a_mean_or_std_that_overflows_is_refused_when_a_bundle_is_read(
    classifier: Classifier, tiles: list[Path], command: Callable[..., Any], tmp_path: Path, key: str, value: float
) -> None:
    bundle = classifier.save(tmp_path / "bundle")
    config = json.loads((bundle / "config.json").read_text())
    config["preprocessing"][key] = [value] * 3
    (bundle / "config.json").write_text(json.dumps(config))
    answer = command("predict", bundle, tiles[0])
    assert answer.status == 1
    assert f"preprocessing.{key}" in answer.err


def test_evaluation_names_the_image_that_an_output_is_not_finite_for(
    tiles: list[Path], command: Callable[..., Any], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    bundle = _damage(create_model("resnet20", classes=["a", "b"], options={"depth": 8}), float("nan")).save(
        tmp_path / "bundle"
    )
    for number, tile in enumerate(tiles):
        folder = tmp_path / "data" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        tile.rename(folder / tile.name)
    answer = command("evaluate", bundle, "--data", tmp_path / "data", "--json")
    assert answer.status == 1
    assert "the model gave a non-finite output for image a/0.png: nan" in answer.err
    assert answer.out == ""
