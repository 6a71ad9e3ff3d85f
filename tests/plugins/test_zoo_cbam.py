from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from zoo_cbam.cbam_resnet import CBAM

SHAPES = [(3, 16, 8, 8), (1, 32, 7, 5), (2, 8, 1, 9), (2, 16, 1, 1)]
FORMATS = [torch.contiguous_format, torch.channels_last]


def plain(block, x):
    """Compute the paper's equations with plain torch operations."""
    channel, spatial = block
    scores = [channel.fc2(F.relu(channel.fc1(pooled))) for pooled in (x.amax(dim=(2, 3)), x.mean(dim=(2, 3)))]
    x = x * torch.sigmoid(scores[0] + scores[1])[:, :, None, None]
    pooled = torch.cat([x.amax(dim=1, keepdim=True), x.mean(dim=1, keepdim=True)], dim=1)
    return x * torch.sigmoid(spatial.conv(pooled))


def differentiated(forward, block, x):
    """Return the output and the gradients of the features and of every parameter."""
    x = x.clone().requires_grad_()
    y = forward(x)
    upstream = torch.randn(y.shape, generator=torch.Generator().manual_seed(2)).to(y.dtype)
    return [y.detach(), *torch.autograd.grad(y, [x, *block.parameters()], upstream)]


@pytest.fixture
def block():
    torch.manual_seed(0)
    return lambda channels: CBAM(channels, reduction=4, kernel=3)


class TestBlock:
    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize("layout", FORMATS)
    def test_values_and_gradients_are_those_of_plain_torch_operations(self, block, shape, layout):
        ours = block(shape[1])
        x = torch.randn(shape).to(memory_format=layout)
        for mine, expected in zip(
            differentiated(ours, ours, x), differentiated(lambda x: plain(ours, x), ours, x), strict=True
        ):
            assert_close(mine, expected)

    @pytest.mark.parametrize("layout", FORMATS)
    @pytest.mark.parametrize("size", [(12, 12), (9, 7)])
    def test_bfloat16_gradients_point_in_the_direction_of_float32_gradients(self, block, layout, size):
        ours = block(16)
        x = torch.randn(4, 16, *size).to(torch.bfloat16).to(memory_format=layout)
        with torch.autocast("cpu", torch.bfloat16):
            narrow = differentiated(ours, ours, x)
        wide = differentiated(lambda x: plain(ours, x), ours, x.float())
        for mine, expected in zip(narrow, wide, strict=True):
            assert F.cosine_similarity(mine.float().flatten(), expected.flatten(), dim=0) > 0.99

    def test_the_second_derivative_is_correct(self, block):
        ours = block(4).double()
        x = torch.randn(2, 4, 4, 3, dtype=torch.double, requires_grad=True)
        assert torch.autograd.gradcheck(ours, x)
        assert torch.autograd.gradgradcheck(ours, x)

    @pytest.mark.parametrize("layout", FORMATS)
    def test_channels_that_share_the_maximum_share_its_gradient(self, block, layout):
        ours = block(8)
        for gate in ours[0].children():
            nn.init.zeros_(gate.weight)
        x = torch.zeros(1, 8, 3, 3).to(memory_format=layout)
        x[:, 0, 0, 0] = 1.0  # one channel has the maximum there; everywhere else all channels are equal
        for mine, expected in zip(
            differentiated(ours, ours, x)[2:], differentiated(lambda x: plain(ours, x), ours, x)[2:], strict=True
        ):
            assert_close(mine, expected)

    @pytest.mark.filterwarnings("ignore:There is a performance drop")  # in-place eq under vmap
    def test_vmap_gives_the_gradient_of_each_image(self, block):
        ours = block(8)
        x = torch.randn(3, 8, 5, 5)
        together = torch.func.vmap(torch.func.grad(lambda image: ours(image[None]).square().sum()))(x)
        apart = [torch.func.grad(lambda image: ours(image[None]).square().sum())(image) for image in x]
        assert_close(together, torch.stack(apart))

    @pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
    @pytest.mark.parametrize("layout", FORMATS)
    def test_autocast_changes_neither_the_dtype_nor_the_memory_layout(self, block, dtype, layout):
        ours = block(16)
        x = torch.randn(2, 16, 6, 8).to(dtype).to(memory_format=layout).requires_grad_()
        with torch.autocast("cpu", torch.bfloat16):
            y = ours(x)
        y.sum().backward()
        assert y.dtype == x.grad.dtype == dtype
        assert y.is_contiguous(memory_format=layout)
        assert x.grad.is_contiguous(memory_format=layout)
        assert all(parameter.grad.isfinite().all() for parameter in ours.parameters())

    def test_values_are_the_same_with_and_without_gradients(self, block):
        ours = block(16)
        x = torch.randn(2, 16, 6, 8)
        with torch.no_grad():
            without = ours(x)
        assert torch.equal(ours(x), without)


def test_the_network_can_be_exported_with_torch_export(build):
    network = build("cbam", depth=8)
    x = torch.randn(2, 3, 16, 16)
    with torch.no_grad():
        assert_close(torch.export.export(network, (x,)).module()(x), network(x))
