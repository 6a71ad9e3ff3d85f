"""DT Grad-CAM (Liu 2023): Grad-CAM with a dynamic threshold, which shows only the strongest regions.

The paper does not define the threshold. Here it is by default Otsu's threshold of each map: values below it become
zero, and the others are scaled to 0..1. Two other readings can be chosen.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from zoo.explain.class_score import ClassScore
from zoo.explain.gradcam import explain as grad_cam_of_class

BINS = 256
QUANTILE = 0.8


def explain(network: nn.Module, image: Tensor, score: ClassScore, *, layer: str, tokens: int | None) -> Tensor:
    """Return the heat map above Otsu's threshold: the method `dt-gradcam`."""
    return _cut(grad_cam_of_class(network, image, score, layer=layer, tokens=tokens), "dt-gradcam")


def explain_above_mean(
    network: nn.Module, image: Tensor, score: ClassScore, *, layer: str, tokens: int | None
) -> Tensor:
    """Return the heat map above the mean plus the standard deviation: the method `dt-gradcam-mean`."""
    return _cut(grad_cam_of_class(network, image, score, layer=layer, tokens=tokens), "dt-gradcam-mean")


def explain_upper_fifth(
    network: nn.Module, image: Tensor, score: ClassScore, *, layer: str, tokens: int | None
) -> Tensor:
    """Return the heat map above the value that a fifth of it exceeds: the method `dt-gradcam-quantile`."""
    return _cut(grad_cam_of_class(network, image, score, layer=layer, tokens=tokens), "dt-gradcam-quantile")


def _cut(heat: Tensor, method: str) -> Tensor:
    """Return a heat map with the values below a threshold set to zero; one that is not finite stays as it is."""
    values = heat.cpu().double()
    return torch.from_numpy(dynamic_threshold(values.numpy(), method)) if bool(torch.isfinite(values).all()) else values


def dynamic_threshold(heat: np.ndarray, method: str = "dt-gradcam") -> np.ndarray:
    """Return a heat map in 0..1 with values below a threshold set to zero, and the others scaled to 0..1.

    Args:
        heat: The heat map.
        method: `dt-gradcam` for Otsu's threshold, `dt-gradcam-mean` for the mean plus the standard deviation, and
            `dt-gradcam-quantile` for the value that a fifth of the map exceeds.
    """
    limits = {"dt-gradcam": otsu, "dt-gradcam-mean": _mean_and_deviation, "dt-gradcam-quantile": _quantile}
    limit = limits[method](heat)
    return np.clip((heat - limit) / max(1 - limit, 1e-12), 0, 1)


def _mean_and_deviation(heat: np.ndarray) -> float:
    """Return the mean plus the standard deviation, below 1."""
    return min(float(heat.mean() + heat.std()), 1 - 1e-6)


def _quantile(heat: np.ndarray) -> float:
    """Return the value that a fifth of the map exceeds, below 1."""
    return min(float(np.quantile(heat, QUANTILE)), 1 - 1e-6)


def otsu(heat: np.ndarray) -> float:
    """Return the threshold with the largest variance between the values below and above it (Otsu 1979)."""
    counts, edges = np.histogram(heat, bins=BINS, range=(0, 1))
    centers = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    weighted = np.cumsum(counts * centers)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (weighted / below - (weighted[-1] - weighted) / above) ** 2
    if not np.isfinite(between).any():
        return 0.0
    return float(edges[int(np.nanargmax(between)) + 1])
