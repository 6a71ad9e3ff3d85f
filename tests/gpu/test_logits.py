"""The logits of every model of the registry on a GPU are those on a CPU."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from zoo import create_model, list_models
from zoo.classifier import Classifier
from zoo.device import choose_compute, without_tf32

pytestmark = pytest.mark.gpu
TOLERANCE = 1e-4
"""The largest difference, relative to the largest logit if that is beyond 1."""
NAMES = list_models()


def _with_statistics(classifier: Classifier, batch: Tensor) -> Classifier:
    """Return the classifier with the batch's own statistics in each batch norm, so that logits are about 1."""
    for module in classifier.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        classifier.train()(batch)
    return classifier.eval()


def test_the_registry_has_models() -> None:
    assert len(NAMES) > 20


@pytest.mark.parametrize("name", NAMES)
def test_a_model_gives_the_logits_of_the_cpu(name: str, gpu_device: torch.device) -> None:
    torch.manual_seed(0)
    classifier = create_model(name)
    size = classifier.config.preprocessing
    pixels = torch.randint(0, 256, (2, 3, size.height, size.width), generator=torch.Generator().manual_seed(1))
    batch = classifier.normalize(pixels.to(torch.uint8))
    _with_statistics(classifier, batch)
    compute = choose_compute(str(gpu_device), "float32")
    with torch.no_grad():
        expected = classifier(batch)
        compute.place(classifier)
        with without_tf32():
            found = classifier(compute.arrange(classifier.normalize(pixels.to(torch.uint8).to(gpu_device))))
    assert found.device.type == gpu_device.type
    assert expected.isfinite().all()
    scale = max(1.0, float(expected.abs().max()))
    assert float((found.cpu() - expected).abs().max()) <= TOLERANCE * scale
