"""The numbers of parameters of the small residual networks, added up by hand from the papers' descriptions."""

from __future__ import annotations

import pytest
import torch

STEM_AND_HEAD = (3 * 16 * 9 + 2 * 16) + (64 * 2 + 2)
"""A 3x3 convolution from 3 to 16 channels with batch norm, and a linear layer from 64 features to two classes."""


def block(inputs: int, width: int) -> int:
    """Count two 3x3 convolutions with batch norm, and a 1x1 projection with batch norm where the width changes."""
    convolutions = inputs * width * 9 + width * width * 9 + 2 * 2 * width
    projection = inputs * width + 2 * width if inputs != width else 0
    return convolutions + projection


def no_attention(width: int) -> int:
    return 0


def excitation(width: int) -> int:
    """Count two fully connected layers with biases, at reduction 8."""
    squeezed = width // 8
    return (width * squeezed + squeezed) + (squeezed * width + width)


def cbam(width: int) -> int:
    """Count the same two layers, shared by both poolings, and a 3x3 convolution from two channels to one."""
    return excitation(width) + 2 * 9


def by_hand(depth: int, attention) -> int:
    """Count a network of depth 6n+2: three stages of n blocks with 16, 32 and 64 channels."""
    total, inputs = STEM_AND_HEAD, 16
    for width in (16, 32, 64):
        for _ in range((depth - 2) // 6):
            total += block(inputs, width) + attention(width)
            inputs = width
    return total


@pytest.mark.parametrize(
    ("architecture", "attention", "stated"),
    [
        ("small_resnet", no_attention, {20: 271_954, 32: 466_386, 56: 855_250, 110: 1_730_194}),
        ("senet", excitation, {20: 276_364, 32: 473_736, 56: 868_480, 110: 1_756_654}),
        ("cbam", cbam, {20: 276_526, 32: 474_006, 56: 868_966, 110: 1_757_626}),
    ],
)
def test_the_number_of_parameters_is_the_sum_by_hand(build, architecture, attention, stated):
    for depth, count in stated.items():
        with torch.device("meta"):
            network = build(architecture, depth=depth)
        assert sum(parameter.numel() for parameter in network.parameters()) == by_hand(depth, attention) == count


def test_parameter_free_shortcuts_as_in_he_2016_would_have_2752_parameters_fewer(build):
    """He 2016 prints 0.27, 0.46, 0.85 and 1.7 million for ten classes, with option A: padded with zeros."""
    projections = (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64)
    assert projections == 2752
    for depth, printed in {20: 0.27, 32: 0.46, 56: 0.85, 110: 1.7}.items():
        with torch.device("meta"):
            network = build("small_resnet", depth=depth)
        names = [(name, count.numel()) for name, count in network.named_parameters() if "shortcut" in name]
        assert sum(count for _, count in names) == projections
        ten_classes = by_hand(depth, no_attention) - projections + 8 * (64 + 1)
        assert round(ten_classes / 1e6, 1 if depth == 110 else 2) == printed
