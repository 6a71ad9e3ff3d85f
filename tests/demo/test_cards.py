"""What a card, and what is above all cards, says in words."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import zoo
from tests.bundles import make_provenance
from tests.demo.drawn_examples import drawn_examples
from zoo.runs import Run
from zoo_demo.analysis import Analysis, analyze
from zoo_demo.analyzer import Analyzer
from zoo_demo.card_html import card
from zoo_demo.handlers import Handlers
from zoo_demo.models import load_models
from zoo_demo.uploads import Uploads

Upload = Callable[..., dict[str, Any]]
BOTH = ["drawn", "fresh"]


def _handlers_of(*bundles: Path, uploads: Uploads) -> Handlers:
    models = load_models([str(bundle) for bundle in bundles], device=torch.device("cpu"))
    return Handlers(Analyzer(models), drawn_examples(), uploads=uploads)


def _document(page: str) -> dict[str, Any]:
    (found,) = re.findall(r'href="data:application/json;base64,([^"]+)"', page)
    document: dict[str, Any] = json.loads(b64decode(found))
    return document


def test_one_sentence_and_each_warning_stand_once_above_all_cards(
    upload: Upload, uploads: Uploads, tile: Image.Image, tmp_path: Path, bundles: dict[str, Path]
) -> None:
    again = zoo.create_model("resnet20", classes=("benign", "malignant")).save(tmp_path / "again")
    handlers = _handlers_of(*bundles.values(), again, uploads=uploads)
    page = handlers.show_results(upload(tile), [*BOTH, "again"], "grad-cam", None)
    assert page.count("random weights; predictions mean nothing") == 1
    assert "<b>Not trained</b> <span>(fresh and again)</span>" in page
    assert re.search(r'<p class="zoo-verdict"><span>(They disagree|All 3 models say)', page)


def test_a_card_names_the_size_of_the_input_and_of_the_map(
    handlers: Handlers, upload: Upload, tile: Image.Image
) -> None:
    page = handlers.show_results(upload(tile), ["fresh"], "grad-cam", None)
    size = handlers.models[1].config.preprocessing
    assert re.search(rf"Input {size.width} × {size.height} pixels, map of \d+ × \d+ values", page.replace("\xa0", " "))


def test_a_card_says_how_well_the_model_did_with_its_interval_and_on_what_it_was_trained(
    calibrated: Run, upload: Upload, uploads: Uploads, tile: Image.Image
) -> None:
    page = _handlers_of(calibrated.path, uploads=uploads).show_results(
        upload(tile), [calibrated.path.name], "grad-cam", None
    )
    measures = calibrated.metrics.measures
    low, high = measures.intervals["balanced_accuracy"] or (0, 0)
    figure = f"balanced accuracy {measures.values['balanced_accuracy']:.3f} (95 % {low:.3f} to {high:.3f})"
    assert f"<dt>How well it did</dt><dd>{figure} on " in page
    assert f"{measures.samples} images of {measures.groups} patients</dd>" in page
    assert "<dt>Trained on</dt>" in page
    assert "<dt>By patient</dt><dd>balanced accuracy " in page


def test_a_card_shows_a_large_model_and_a_short_time_in_units_that_suit_them(handlers: Handlers) -> None:
    model = replace(handlers.models[0], parameters=134_268_738)
    answer = analyze(model, drawn_examples()[0].image, method=None, label=None)
    quick = Analysis(model=model, **{**vars(answer), "seconds": 0.0031})
    page = card(quick, method="Grad-CAM", asked=None, coverage=None, tile=(224, 224))
    assert "<dt>Size and time</dt><dd>134 million parameters, 3.1 ms on the CPU</dd>" in page


def test_a_model_without_results_is_said_to_be_never_measured(
    upload: Upload, uploads: Uploads, tile: Image.Image, tmp_path: Path
) -> None:
    model = zoo.create_model("resnet20", classes=("benign", "malignant"))
    model.describe_training(make_provenance()).save(tmp_path / "silent")
    page = _handlers_of(tmp_path / "silent", uploads=uploads).show_results(upload(tile), ["silent"], "grad-cam", None)
    assert "<b>Never measured</b>" in page


def test_an_empty_map_is_said_to_be_empty(
    upload: Upload, uploads: Uploads, tile: Image.Image, handlers: Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    explain = zoo.Classifier.explain

    def nothing(model: zoo.Classifier, *given: Any, **options: Any) -> Any:
        found = explain(model, *given, **options)
        return replace(found, cells=np.zeros_like(found.cells), heat=np.zeros_like(found.heat))

    monkeypatch.setattr(zoo.Classifier, "explain", nothing)
    page = handlers.show_results(upload(tile), ["drawn"], "grad-cam", "benign")
    assert "The map is empty: it finds no evidence for benign." in page


def test_a_blank_tile_is_said_to_be_blank_also_by_models_that_cannot_tell(handlers: Handlers, upload: Upload) -> None:
    page = handlers.show_results(upload(Image.new("RGB", (64, 64), "white")), BOTH, "grad-cam", None)
    assert "This tile is almost blank" in page
    assert page.count("<dt>Like its training</dt><dd>this model cannot tell</dd>") == 2


def test_a_prediction_set_has_the_classes_that_predict_returns_for_the_same_coverage(
    calibrated: Run, upload: Upload, uploads: Uploads, tile: Image.Image, bundles: dict[str, Path]
) -> None:
    handlers = _handlers_of(calibrated.path, bundles["fresh"], uploads=uploads)
    name = calibrated.path.name
    sent = upload(tile)
    page = handlers.show_results(sent, [name, "fresh"], "grad-cam", None, 0.8)
    with_set, without = _document(page)["models"]
    expected = zoo.from_pretrained(calibrated.path).predict(tile, coverage=0.8).possible
    assert tuple(with_set["possible"]) == expected
    assert without["possible"] is None
    assert f"<dt>Prediction set at 80 %</dt><dd>{' or '.join(expected or ())}" in page
    assert "<dt>Prediction set at 80 %</dt><dd>none: this model has no prediction sets" in page
    assert "Prediction set" not in handlers.show_results(sent, [name], "grad-cam", None, "none")


@pytest.mark.parametrize("coverage", [0, 1, 2.5, "0.9", True, float("nan"), [0.9]])
def test_a_coverage_that_is_none_is_an_error(
    handlers: Handlers, upload: Upload, tile: Image.Image, coverage: Any
) -> None:
    page = handlers.show_results(upload(tile), BOTH, "grad-cam", None, coverage)
    assert 'role="alert"' in page
    assert "The coverage must be between 0 and 1" in page


def test_the_json_has_probabilities_maps_facts_and_the_sentence(
    handlers: Handlers, upload: Upload, tile: Image.Image, bundles: dict[str, Path]
) -> None:
    document = _document(handlers.show_results(upload(tile), BOTH, "dt-gradcam", "benign"))
    assert document["tile"] == {"width": 200, "height": 160, "synthetic": False}
    assert "Not a medical device" in document["notice"]
    for name, one in zip(BOTH, document["models"], strict=True):
        model = zoo.from_pretrained(bundles[name])
        assert one["probabilities"] == dict(model.predict(tile).probabilities)
        cells = model.explain(tile, method="dt-gradcam", label="benign").cells
        assert np.allclose(one["heat_map"]["values"], cells, atol=1e-4)
        assert one["heat_map"]["class"] == "benign"
