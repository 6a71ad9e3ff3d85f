from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from zoo.errors import BundleError, UsageError
from zoo.explain import grad_cam
from zoo.registry import registry

COUNTS = {"vit": 51_375_106, "swin": 86_745_274, "dinov2_vits14": 22_057_346, "dinov2_vitb14": 86_582_018}
PATCHES = {"vit": 16, "swin": 4, "dinov2_vits14": 14, "dinov2_vitb14": 14}
SOURCES = {
    "swin": (
        "swin_base_patch4_window7_224",
        {"strict_img_size": False},
        {  # tables that the public file contains and that timm computes today
            "layers.0.blocks.0.attn.relative_position_index": torch.zeros(49, 49, dtype=torch.long),
            "layers.0.blocks.1.attn_mask": torch.zeros(64, 49, 49),
        },
    ),
    "dinov2_vits14": (
        "vit_small_patch14_dinov2",
        {"dynamic_img_size": True},
        {"mask_token": torch.zeros(1, 384)},  # in Facebook's file, not in timm's
    ),
}
"""timm's network, its options for images of any size, and what files contain besides its weights."""


def images(count: int, height: int, width: int) -> torch.Tensor:
    return torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", COUNTS)
def test_the_number_of_parameters_is_that_of_the_paper(build, name):
    with torch.device("meta"):
        network = build(name)
    assert sum(parameter.numel() for parameter in network.parameters()) == COUNTS[name]


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("outputs", [1, 5])
def test_there_is_one_logit_for_each_output_at_any_multiple_of_the_patch_size(build, name, outputs):
    with torch.device("meta"):
        network = build(name, outputs)
        for rows, columns in [(16, 16), (8, 8), (8, 12)]:
            x = torch.empty(2, 3, rows * PATCHES[name], columns * PATCHES[name])
            assert network(x).shape == (2, outputs)


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize(("height", "width"), [(115, 112), (112, 115)])
def test_a_size_that_is_not_a_multiple_of_the_patch_size_is_an_error_that_names_the_nearest(build, name, height, width):
    with torch.device("meta"):
        network = build(name)
        with pytest.raises(UsageError, match=rf"(?s)multiples of {PATCHES[name]}\n.*nearest size that fits is \d+x\d+"):
            network(torch.empty(1, 3, height, width))


@pytest.mark.parametrize("name", SOURCES)
def test_with_public_weights_the_features_are_those_of_timms_network(build, load, source, name):
    timms_name, options, surplus = SOURCES[name]
    theirs = source(timms_name, **options)
    network = build(name)
    load(name, network, {**theirs.state_dict(), **surplus})
    x = images(2, 4 * PATCHES[name], 6 * PATCHES[name])
    with torch.no_grad():
        features = theirs.forward_head(theirs.forward_features(x), pre_logits=True)
        scale = features.abs().max()
        ours = network.forward_head(network.forward_features(x), pre_logits=True)
        assert_close(ours / scale, features / scale, atol=1e-5, rtol=0.0)


def test_weights_of_another_network_are_refused(build, load):
    with torch.device("meta"):
        network = build("dinov2_vits14")
    with pytest.raises(BundleError, match="these weights are not for"):
        load("dinov2_vits14", network, {"conv1.weight": torch.zeros(1)})


@pytest.fixture
def dinov2(build):
    torch.manual_seed(0)
    return build("dinov2_vits14")


def test_dinov2_neither_uses_nor_trains_its_mask_token(dinov2):
    x = images(1, 28, 28)
    with torch.no_grad():
        before = dinov2(x)
        dinov2.mask_token.fill_(9.0)
        assert torch.equal(dinov2(x), before)
    assert not dinov2.mask_token.requires_grad
    assert all(parameter.requires_grad for key, parameter in dinov2.named_parameters() if key != "mask_token")


@pytest.fixture
def vit(build):
    torch.manual_seed(0)
    return build("vit")


def test_vit_resamples_its_position_embedding_to_the_grid_of_patches(vit):
    from zoo_transformers.vit import resample_positions

    rows = torch.arange(14.0)[:, None].expand(14, 14)
    with torch.no_grad():
        vit.positions.zero_()
        vit.positions[0, 0] = 5.0
        vit.positions[0, 1:] = rows.flatten()[:, None]
    assert resample_positions(vit.positions, 14, 14) is vit.positions
    other = resample_positions(vit.positions, 28, 7)
    assert other.shape == (1, 1 + 28 * 7, 1024)
    assert torch.equal(other[0, 0], vit.positions[0, 0])
    grid = other[0, 1:, 0].reshape(28, 7)
    assert_close(grid, grid[:, :1].expand(28, 7), atol=1e-4, rtol=0.0)  # the values change only from row to row
    assert (grid[1:] > grid[:-1]).all()
    assert_close(grid[7:21].mean(), rows.mean(), atol=1e-3, rtol=0.0)


def test_vit_adds_to_each_patch_of_a_rectangle_the_position_of_its_own_place(vit):
    rows = torch.arange(14.0)[:, None].expand(14, 14)
    seen = []
    vit.dropout.register_forward_pre_hook(lambda _module, given: seen.append(given[0]))
    with torch.no_grad():
        for parameter in (*vit.project.parameters(), vit.positions):
            parameter.zero_()
        vit.positions[0, 1:] = rows.flatten()[:, None]
        vit(images(1, 32, 64))
    grid = seen[0][0, 1:, 0].reshape(2, 4)
    assert_close(grid, grid[:, :1].expand(2, 4), atol=1e-4, rtol=0.0)  # the values change only from row to row
    assert (grid[1] > grid[0]).all()


def test_vit_distinguishes_the_positions_of_patches(vit):
    """Without the position embedding, swapping two patches changes nothing."""
    x = images(1, 16, 32)
    swapped = torch.cat([x[..., 16:], x[..., :16]], dim=3)
    with torch.no_grad():
        assert not torch.allclose(vit(x), vit(swapped), atol=1e-4)
        vit.positions.zero_()
        assert_close(vit(x), vit(swapped), atol=1e-5, rtol=1e-5)


def test_vit_applies_dropout_only_in_training(build, vit):
    x = images(1, 16, 16)
    with torch.no_grad():
        assert torch.equal(vit(x), vit(x))
        assert not torch.equal(vit.train()(x), vit(x))
        undropped = build("vit", dropout=0.0).train()
        assert torch.equal(undropped(x), undropped(x))


@pytest.mark.parametrize(("name", "side"), [("vit", 16), ("swin", 32), ("dinov2_vits14", 14)])
def test_the_heat_map_has_one_value_for_each_patch(build, name, side):
    """The layer must come before the last attention: after it only the class token gets a gradient."""
    torch.manual_seed(0)
    architecture, _ = registry().architecture(name)
    tokens = architecture.cam_tokens
    heat, _ = grad_cam(build(name), architecture.cam_layer, images(2, 3 * side, 5 * side), tokens=tokens)
    assert heat.shape == (2, 3, 5)
    assert_close(heat.amax(dim=(1, 2)), torch.ones(2))
