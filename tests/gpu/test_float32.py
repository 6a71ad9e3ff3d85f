"""Prediction, explanation and evaluation compute in float32, without the ten bits of TF32."""

from __future__ import annotations

import csv
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import zoo
from zoo import create_model
from zoo.device import choose_compute, without_tf32
from zoo.evaluation.inference import Inference
from zoo.runs import Run

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.filterwarnings("ignore:Please use the new API settings"),  # torch 2.9 to 2.11, once in a process
]
ERROR = 1e-4
"""The largest error, relative to the largest logit; that of TF32 is about 1e-3."""
Settings = dict[str, Any]


def _allowed() -> tuple[bool, str]:
    """Whether convolutions may use TF32, and how matrix products are computed."""
    return torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.fp32_precision


@pytest.mark.parametrize("name", ["resnet34", "vit"])
def test_predictions_have_the_error_of_float32_even_where_tf32_is_allowed(name: str, gpu_device: torch.device) -> None:
    torch.manual_seed(0)
    classifier = create_model(name)
    size = classifier.config.preprocessing
    images = np.random.default_rng(0).integers(0, 256, (4, size.height, size.width, 3), dtype=np.uint8)
    with torch.no_grad():
        exact = deepcopy(classifier).double()
        logits = exact(exact.normalize(torch.from_numpy(images).permute(0, 3, 1, 2).double() / 255))
    compute = choose_compute(str(gpu_device), "float32")
    compute.place(classifier)
    precision = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("high")
        before = _allowed()
        inside: list[tuple[bool, str]] = []
        outputs: list[torch.Tensor] = []

        def observe(_module: object, _inputs: object, output: torch.Tensor) -> None:
            inside.append(_allowed())
            outputs.append(output)

        classifier.network.register_forward_hook(observe)
        predicted = classifier.predict(list(images))
        classifier.explain(images[0])
        assert _allowed() == before == (True, "tf32")
    finally:
        torch.set_float32_matmul_precision(precision)
    assert inside == [(False, "ieee")] * 2
    assert outputs[0].dtype == torch.float32
    scale = float(logits.abs().max())
    assert float((outputs[0].double().cpu() - logits).abs().max()) <= ERROR * scale
    expected = torch.softmax(logits, dim=1).tolist()
    for prediction, row in zip(predicted, expected, strict=True):
        assert list(prediction.probabilities.values()) == pytest.approx(row, abs=ERROR * scale)


def test_evaluation_gives_the_probabilities_of_the_cpu(
    trained: Run, gpu_device: torch.device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[tuple[bool, str]] = []
    run = Inference.run

    def recorded(*args: Any, **kwargs: Any) -> Any:
        inside.append(_allowed())
        return run(*args, **kwargs)

    rows: list[list[dict[str, str]]] = []
    for device in ("cpu", str(gpu_device)):
        monkeypatch.setattr(Inference, "run", recorded)
        folder = tmp_path / device.replace(":", "-") / str(len(rows))
        folder.mkdir(parents=True)
        zoo.evaluate(trained, device=device).write(folder)
        with (folder / "predictions.csv").open(newline="") as file:
            rows.append(list(csv.DictReader(file)))
    assert inside == [(False, "ieee")] * 2
    for one, other in zip(*rows, strict=True):
        assert one["key"] == other["key"]
        for name, value in one.items():
            if name.startswith(("p_", "probability")):
                assert float(other[name]) == pytest.approx(float(value), abs=1e-5)


def test_tf32_is_what_this_gpu_would_use_otherwise(gpu_only: torch.device) -> None:
    """If this fails, the GPU has no TF32, and the tests above show nothing."""
    generator = torch.Generator().manual_seed(0)
    images, weight = torch.randn(8, 64, 32, 32, generator=generator), torch.randn(64, 64, 3, 3, generator=generator)
    exact = torch.nn.functional.conv2d(images.double(), weight.double())
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=True):
        rounded = torch.nn.functional.conv2d(images.to(gpu_only), weight.to(gpu_only))
    with without_tf32():
        full = torch.nn.functional.conv2d(images.to(gpu_only), weight.to(gpu_only))
    scale = float(exact.abs().max())
    errors = [float((found.double().cpu() - exact).abs().max()) / scale for found in (rounded, full)]
    assert errors[1] < 1e-5
    assert errors[0] > 5 * errors[1]
