"""What a prediction costs: parameters, multiply-adds, and images per second on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch

from zoo.classifier.classifier import Classifier
from zoo.device import Compute, choose_compute, without_tf32

BATCH = 16
SECONDS = 1.0
"""For how long the speed is measured, after one batch that does not count."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a prediction costs."""

    parameters: int
    multiply_adds: int
    """For one image of the network's input size: half of the floating-point operations that torch counts in matrix
    products, convolutions and attention."""
    images_per_second: float
    """Of the network alone, in float32, in batches of BATCH images that are already on the device."""
    device: str
    peak_memory_bytes: int | None
    """Of a GPU's memory, with such a batch; None on other devices."""


def measure_cost(classifier: Classifier, *, device: str = "auto") -> Cost:
    """Return what a prediction with this classifier costs on a device."""
    compute = choose_compute(device, "float32")
    compute.place(classifier.eval())
    speed, memory = _speed(classifier, compute)
    return Cost(
        parameters=sum(parameter.numel() for parameter in classifier.parameters()),
        multiply_adds=count_multiply_adds(classifier, compute.device),
        images_per_second=speed,
        device=compute.device.type,
        peak_memory_bytes=memory,
    )


@torch.no_grad()
def count_multiply_adds(classifier: Classifier, device: torch.device) -> int:
    """Return the multiply-adds for one image, on every device the same: attention is computed by matrix products.

    The fused attention of CPUs would not be counted.
    """
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        classifier(_images(classifier, 1, device))
    return int(counter.get_total_flops()) // 2


@torch.no_grad()
def _speed(classifier: Classifier, compute: Compute) -> tuple[float, int | None]:
    """Return images per second, and the peak of a GPU's memory in bytes."""
    cuda = compute.device.type == "cuda"
    batch = compute.arrange(_images(classifier, BATCH, compute.device))
    with without_tf32():
        _forward(classifier, batch)
        if cuda:
            torch.cuda.reset_peak_memory_stats(compute.device)
        start, images = time.perf_counter(), 0
        while (elapsed := time.perf_counter() - start) < SECONDS:
            _forward(classifier, batch)
            images += BATCH
    return images / elapsed, torch.cuda.max_memory_allocated(compute.device) if cuda else None


def _forward(classifier: Classifier, batch: torch.Tensor) -> None:
    """Run a batch and wait for the result."""
    classifier(batch).sum().item()


def _images(classifier: Classifier, count: int, device: torch.device) -> torch.Tensor:
    """Return noise of the network's input size."""
    size = classifier.config.preprocessing
    generator = torch.Generator().manual_seed(0)
    return torch.randn(count, 3, size.height, size.width, generator=generator).to(device)
