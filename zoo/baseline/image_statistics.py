"""Color and texture statistics of an image: the input of the simple baseline.

Everything is computed from the decoded pixels at the network's input size, so that the baseline sees what the network
sees. The channels are red, green, blue, saturation, and the amounts of hematoxylin and eosin.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from zoo.data.optical_density import DARKEST, DYES

MAX_SIDE = 128
"""Larger images are first averaged over squares of pixels until no side is longer."""
_CHANNELS = ("red", "green", "blue", "saturation", "hematoxylin", "eosin")
_PERCENTILES = (0.1, 0.5, 0.9)
_SCALES = (1, 2, 4)
_OFFSETS = (1, 2, 4, 8)
_PATTERN_SCALES = (1, 2)
_PATTERN_BINS = 10
_NEIGHBORS = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
_TINY = 1e-6


def _statistic_names() -> tuple[str, ...]:
    """Return the names of all statistics, in the order of the columns."""
    color = [
        f"{channel} {name}"
        for channel in _CHANNELS
        for name in ("mean", "sd", "skewness", *(f"{share:.0%} percentile" for share in _PERCENTILES))
    ]
    color += ["red-green correlation", "red-blue correlation", "green-blue correlation"]
    texture = [
        f"{name}, scale {scale}" for scale in _SCALES for name in ("gradient mean", "gradient sd", "Laplacian sd")
    ]
    texture += [
        f"{name} at distance {offset}" for offset in _OFFSETS for name in ("contrast", "correlation", "homogeneity")
    ]
    texture += [
        f"local binary pattern {bin_}, scale {scale}" for scale in _PATTERN_SCALES for bin_ in range(_PATTERN_BINS)
    ]
    return (*color, *texture)


STATISTICS = _statistic_names()
"""The names of the statistics."""


@torch.no_grad()
def image_statistics(images: Tensor) -> Tensor:
    """Return the statistics of images, N x 3 x height x width of 8-bit values, as N x len(STATISTICS) of float64."""
    values = images.float()
    factor = -(-max(values.shape[-2:]) // MAX_SIDE)
    if factor > 1:
        values = functional.avg_pool2d(values, factor, ceil_mode=True)
    rgb = values / 255
    brightness = rgb.mean(dim=1, keepdim=True)
    # patterns ask which neighbors are equal: sums of whole numbers are exact on every device
    patterns = _binary_patterns(values.sum(dim=1, keepdim=True))
    parts = [_color(rgb), *_texture(brightness), *_co_occurrence(brightness), *patterns]
    return torch.cat(parts, dim=1).double()


def _color(rgb: Tensor) -> Tensor:
    """Return mean, standard deviation, skewness and percentiles of each channel, and the channels' correlations."""
    highest, lowest = rgb.amax(dim=1, keepdim=True), rgb.amin(dim=1, keepdim=True)
    saturation = (highest - lowest) / highest.clamp(min=_TINY)
    density = -rgb.clamp(min=DARKEST).log()
    unmix = torch.linalg.inv(torch.tensor(DYES, dtype=rgb.dtype, device=rgb.device))
    stains = torch.einsum("nchw,cs->nshw", density, unmix)[:, :2]
    channels = torch.cat([rgb, saturation, stains], dim=1).flatten(2)
    mean, deviation = channels.mean(dim=2), channels.std(dim=2, correction=0)
    centered = (channels - mean[..., None]) / deviation.clamp(min=_TINY)[..., None]
    skewness = (centered * centered * centered).mean(dim=2)
    moments = torch.stack([mean, deviation, skewness, *_percentiles(channels)], dim=2)
    red, green, blue = centered[:, 0], centered[:, 1], centered[:, 2]
    correlations = [(first * second).mean(dim=1) for first, second in ((red, green), (red, blue), (green, blue))]
    return torch.cat([moments.flatten(1), torch.stack(correlations, dim=1)], dim=1)


def _percentiles(channels: Tensor) -> list[Tensor]:
    """Return percentiles from a histogram of 256 bins over the range of each channel: sorting takes far longer."""
    low, high = channels.amin(dim=2, keepdim=True), channels.amax(dim=2, keepdim=True)
    bins = ((channels - low) / (high - low).clamp(min=_TINY) * 255).long()
    # on the CPU: a GPU adds in an order of its own, which torch refuses where results must be deterministic
    shares = _shares(bins.flatten(0, 1), 256).cpu().cumsum(dim=1).to(channels.device)
    ends = [(shares < share).sum(dim=1).view(low.shape[:2]) for share in _PERCENTILES]
    return [low[..., 0] + end / 255 * (high - low)[..., 0] for end in ends]


def _texture(brightness: Tensor) -> list[Tensor]:
    """Return the gradient's mean and deviation and the Laplacian's deviation, at each scale."""
    statistics = []
    for scale in _SCALES:
        image = _shrunk(brightness, scale)
        padded = functional.pad(image, (1, 1, 1, 1), mode="replicate")
        middle = padded[..., 1:-1, 1:-1]
        down, up = padded[..., 2:, 1:-1], padded[..., :-2, 1:-1]
        right, left = padded[..., 1:-1, 2:], padded[..., 1:-1, :-2]
        gradient = torch.hypot(down - up, right - left).flatten(1)
        laplacian = (down + up + right + left - 4 * middle).flatten(1)
        statistics += [gradient.mean(dim=1), gradient.std(dim=1, correction=0), laplacian.std(dim=1, correction=0)]
    return [torch.stack(statistics, dim=1)]


def _co_occurrence(brightness: Tensor) -> list[Tensor]:
    """Return contrast, correlation and homogeneity of pairs of pixels, means over a row's and a column's direction."""
    height, width = brightness.shape[-2:]
    variance = brightness.flatten(1).var(dim=1, correction=0).clamp(min=_TINY)
    statistics = []
    for offset in _OFFSETS:
        contrasts, homogeneities = [], []
        for size, dim in ((height, 2), (width, 3)):
            step = min(offset, size - 1)
            first, second = brightness.narrow(dim, 0, size - step), brightness.narrow(dim, step, size - step)
            difference = (first - second).flatten(1)
            contrasts.append(difference.square().mean(dim=1))
            homogeneities.append((1 / (1 + 16 * difference.abs())).mean(dim=1))
        contrast = torch.stack(contrasts).mean(dim=0)
        statistics += [contrast, 1 - contrast / (2 * variance), torch.stack(homogeneities).mean(dim=0)]
    return [torch.stack(statistics, dim=1)]


def _binary_patterns(brightness: Tensor) -> list[Tensor]:
    """Return the shares of the rotation-invariant uniform local binary patterns (Ojala et al. 2002), at each scale."""
    statistics = []
    for scale in _PATTERN_SCALES:
        image = _shrunk(brightness, scale)
        height, width = image.shape[-2:]
        padded = functional.pad(image, (1, 1, 1, 1), mode="replicate")
        higher = torch.stack(
            [padded[..., 1 + y : 1 + y + height, 1 + x : 1 + x + width] >= image for y, x in _NEIGHBORS]
        )
        changes = (higher != higher.roll(1, dims=0)).sum(dim=0)
        pattern = torch.where(changes <= 2, higher.sum(dim=0), _PATTERN_BINS - 1)
        statistics.append(_shares(pattern.flatten(1), _PATTERN_BINS))
    return statistics


def _shares(bins: Tensor, count: int) -> Tensor:
    """Return how large a share of each row is in each bin."""
    offsets = torch.arange(len(bins), device=bins.device)[:, None] * count
    counts = torch.bincount((bins + offsets).flatten(), minlength=len(bins) * count)
    return counts.view(len(bins), count) / bins.shape[1]


def _shrunk(image: Tensor, scale: int) -> Tensor:
    """Return an image averaged over squares of scale x scale pixels, or over all that there are."""
    height, width = image.shape[-2:]
    return functional.avg_pool2d(image, (min(scale, height), min(scale, width)))
