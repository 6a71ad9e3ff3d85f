from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from zoo.nn import adaptive_average, resample_bicubic

Resize = Callable[[Tensor, tuple[int, int]], Tensor]


def _bicubic(x: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(x, size=size, mode="bicubic", antialias=True)


@pytest.mark.parametrize(("ours", "torchs"), [(adaptive_average, F.adaptive_avg_pool2d), (resample_bicubic, _bicubic)])
@pytest.mark.parametrize("old", [(7, 7), (3, 3), (14, 14), (10, 8), (37, 37), (1, 2)], ids=str)
@pytest.mark.parametrize("size", [(7, 7), (16, 9)], ids=str)
def test_values_and_gradients_are_those_of_torch(
    ours: Resize, torchs: Resize, old: tuple[int, int], size: tuple[int, int]
) -> None:
    x = torch.rand(2, 5, *old, generator=torch.Generator().manual_seed(0))
    found, expected = x.clone().requires_grad_(), x.clone().requires_grad_()
    one, other = ours(found, size), torchs(expected, size)
    weight = torch.rand(one.shape, generator=torch.Generator().manual_seed(1))
    (one * weight).sum().backward()
    (other * weight).sum().backward()
    assert torch.allclose(one, other, atol=1e-5)
    assert found.grad is not None
    assert expected.grad is not None
    assert torch.allclose(found.grad, expected.grad, atol=1e-5)


def test_the_precision_of_autocast_does_not_round_the_weights() -> None:
    x = torch.rand(1, 4, 10, 10)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.allclose(adaptive_average(x, (7, 7)), F.adaptive_avg_pool2d(x, (7, 7)), atol=1e-6)
        assert adaptive_average(x.bfloat16(), (7, 7)).dtype == torch.bfloat16
