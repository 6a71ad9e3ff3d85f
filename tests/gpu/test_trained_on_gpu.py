"""What is done with a model that was trained on a GPU: explain, export, verify, predict, the demo."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import zoo
from zoo.classifier.explanation_check import check_explanation
from zoo.classifier.golden_outputs import TOLERANCE, read_golden
from zoo.classifier.verdict import verify
from zoo.device import choose_compute, without_tf32
from zoo.explain.methods import explanation_methods
from zoo.registry import registry
from zoo.runs import Run

pytestmark = pytest.mark.gpu
HEAT = 1e-3
"""The largest difference of a value of a heat map, which is in 0..1."""
BELOW_THE_CUT = 0.02
"""A value at the threshold of a cut map may be on either side of it; this share of the values may differ."""


@pytest.fixture(scope="module")
def run(on_gpu: dict[str, Any], cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        return zoo.train("cbam20", out=tmp_path_factory.mktemp("trained-on-gpu") / "run", **on_gpu)


@pytest.fixture
def tile(tmp_path: Path) -> Path:
    noise = np.random.default_rng(0).normal(150, 40, (48, 56, 3)).clip(0, 255).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "tile.png")
    return tmp_path / "tile.png"


def test_the_saved_logits_are_those_of_the_cpu_and_of_the_gpu(run: Run, gpu_device: torch.device) -> None:
    """`zoo verify` compares them on any machine."""
    assert verify(run.bundle).passed
    golden, classifier = read_golden(run.bundle), zoo.from_pretrained(run.bundle)
    choose_compute(str(gpu_device), "float32").place(classifier)
    with torch.no_grad(), without_tf32():
        found = classifier(golden.input.to(gpu_device)).cpu()
    assert float((found - golden.logits).abs().max()) <= TOLERANCE * max(1.0, float(golden.logits.abs().max()))


def test_a_classifier_on_the_gpu_is_saved_as_one_on_the_cpu(run: Run, gpu_device: torch.device, tmp_path: Path) -> None:
    on_cpu = zoo.from_pretrained(run.bundle)
    on_gpu = deepcopy(on_cpu).to(gpu_device)
    folders = [one.save(tmp_path / name) for one, name in ((on_cpu, "cpu"), (on_gpu, "gpu"))]
    assert on_gpu.mean.device.type == gpu_device.type
    for name in ("config.json", "model.safetensors"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    assert verify(folders[1]).passed


@pytest.mark.parametrize("method", sorted(explanation_methods()))
def test_heat_maps_are_those_of_the_cpu(method: str, run: Run, gpu_device: torch.device, tile: Path) -> None:
    classifier = zoo.from_pretrained(run.bundle)
    expected = classifier.explain(tile, method=method)
    choose_compute(str(gpu_device), "float32").place(classifier)
    found = classifier.explain(tile, method=method)
    assert found.label == expected.label
    differences = np.abs(found.cells - expected.cells)
    cut = registry().explanation_method(method).name != "grad-cam"
    assert float(np.mean(differences > HEAT)) <= (BELOW_THE_CUT if cut else 0)
    assert found.prediction.confidence == pytest.approx(expected.prediction.confidence, abs=1e-4)


def test_the_check_of_a_heat_map_runs_on_the_gpu(run: Run, gpu_device: torch.device, tile: Path) -> None:
    classifier = zoo.from_pretrained(run.bundle)
    expected = check_explanation(classifier, classifier.explain(tile))
    classifier.to(gpu_device)
    found = check_explanation(classifier, classifier.explain(tile))
    assert found.scores.deletion == pytest.approx(expected.scores.deletion, abs=1e-3)
    assert found.scores.insertion == pytest.approx(expected.scores.insertion, abs=1e-3)


def test_a_model_trained_on_the_gpu_is_exported_and_the_file_agrees(run: Run, tmp_path: Path) -> None:
    exported = zoo.export(run, tmp_path / "model.pt2", progress=False)
    assert exported.largest_difference.logits <= 1e-3


def test_predictions_of_files_and_their_symmetries_are_those_of_the_cpu(
    run: Run, gpu_device: torch.device, tiles: Path, tmp_path: Path
) -> None:
    images = sorted((tiles / "dark").glob("*.png"))
    found = [list(zoo.predict(run.path, images, device=device, symmetries=True)) for device in ("cpu", str(gpu_device))]
    assert len(found[0]) == len(images)
    for one, other in zip(*found, strict=True):
        assert other.prediction.probabilities == pytest.approx(one.prediction.probabilities, abs=1e-4)


def test_the_cost_of_a_prediction_is_measured(run: Run, gpu_device: torch.device) -> None:
    from zoo.classifier.cost import measure_cost

    cost = measure_cost(zoo.from_pretrained(run.bundle), device=str(gpu_device))
    assert cost.device == gpu_device.type
    assert cost.images_per_second > 0
    assert (cost.peak_memory_bytes is not None) == (gpu_device.type == "cuda")


def test_the_demo_analyzes_a_tile(run: Run, gpu_device: torch.device, tile: Path) -> None:
    from zoo_demo.analysis import analyze
    from zoo_demo.models import load_models

    (model,) = load_models([str(run.path)], device=gpu_device)
    analysis = analyze(model, Image.open(tile), method="grad-cam", label=None)
    assert analysis.cells is not None
    assert analysis.device == ("GPU" if gpu_device.type == "cuda" else "CPU")
    assert analysis.prediction.confidence >= 0.5
