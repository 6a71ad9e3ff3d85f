from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.testing import assert_close

import zoo
from zoo.errors import BundleError
from zoo.registry import registry
from zoo_lung.attention import ChannelAttention, SpatialAttention, eca_kernel
from zoo_lung.frelu import FReLU

STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
ENTRIES = ["lung_frelu", "lung_resnet50", "resnet50c", "resnet50d", "resnext50"]
PUBLIC = [("resnet50d", "resnet50d"), ("resnext50", "resnext50_32x4d")]


def images(count, height, width):
    return torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(1))


class TestParameters:
    """The numbers of parameters, added up layer by layer from the papers' descriptions."""

    @staticmethod
    def norm(channels):
        return 2 * channels  # a scale and a shift

    @classmethod
    def activation(cls, channels):
        """Count batch norm and FReLU, which is a depthwise 3x3 convolution with batch norm."""
        return cls.norm(channels) + 3 * 3 * channels + cls.norm(channels)

    @classmethod
    def lung_frelu(cls):
        total = 4 * 4 * 3 * 32 + cls.activation(32) + 4 * 4 * 32 * 64
        inputs = 64
        for (width, blocks), kernel in zip(STAGES, (5, 5, 5, 7), strict=True):
            outputs = 4 * width
            for block in range(blocks):
                total += cls.activation(inputs) + 3 * 3 * inputs + inputs * width  # depthwise, 1x1
                total += cls.activation(width) + 3 * 3 * width * width  # 3x3
                total += cls.activation(width) + 3 * 3 * width + width * outputs  # depthwise, 1x1
                total += kernel + outputs  # channel attention, spatial attention
                total += inputs * outputs if block == 0 else 0  # path B
                inputs = outputs
        return total + cls.activation(2048) + 2048 + 1

    @classmethod
    def bottlenecks(cls, groups=1):
        """Count the stages of ResNet50; ResNeXt's 3x3 convolutions are twice as wide and have groups."""
        total, inputs = 0, 64
        for width, blocks in STAGES:
            inner, outputs = width if groups == 1 else 2 * width, 4 * width
            for block in range(blocks):
                total += inputs * inner + cls.norm(inner)
                total += 3 * 3 * (inner // groups) * inner + cls.norm(inner)
                total += inner * outputs + cls.norm(outputs)
                total += inputs * outputs + cls.norm(outputs) if block == 0 else 0
                inputs = outputs
        return total

    @classmethod
    def stem(cls):
        return 7 * 7 * 3 * 64 + cls.norm(64)

    @classmethod
    def deep_stem(cls):
        return sum(3 * 3 * inputs * outputs + cls.norm(outputs) for inputs, outputs in ((3, 32), (32, 32), (32, 64)))

    @classmethod
    def by_hand(cls, name):
        if name == "lung_frelu":
            return cls.lung_frelu()
        stem = cls.deep_stem() if name in ("resnet50c", "resnet50d") else cls.stem()  # D's pooling has no parameters
        return stem + cls.bottlenecks(groups=32 if name == "resnext50" else 1) + 2048 + 1

    @pytest.mark.parametrize(
        ("name", "count"),
        [
            ("lung_frelu", 23_944_887),
            ("lung_resnet50", 23_510_081),
            ("resnet50c", 23_529_313),
            ("resnet50d", 23_529_313),
            ("resnext50", 22_981_953),
        ],
    )
    def test_the_number_of_parameters_is_the_sum_by_hand_and_that_of_the_registry(self, name, count):
        model = registry().model(name)
        with torch.device("meta"):
            network = model.build(2)
        assert sum(parameter.numel() for parameter in network.parameters()) == count
        assert self.by_hand(name) == count
        assert model.entry.parameters == count


class TestEntries:
    @pytest.mark.parametrize("name", ENTRIES)
    def test_models_have_the_papers_recipe_head_and_image_size(self, name):
        model = registry().model(name)
        assert (model.entry.paper, model.entry.recipe, model.entry.head) == ("kim2023", "kim2023", "sigmoid")
        assert (model.preprocessing.width, model.preprocessing.height) == (320, 240)

    @pytest.mark.parametrize("name", ENTRIES)
    def test_the_claimed_f1_follows_from_the_claimed_precision_and_recall(self, name):
        claimed = registry().model(name).entry.claims["lung"]
        assert set(claimed) == {"accuracy", "precision", "recall", "f1"}
        harmonic = 2 * claimed["precision"] * claimed["recall"] / (claimed["precision"] + claimed["recall"])
        assert claimed["f1"] == pytest.approx(harmonic, abs=2e-4)

    def test_the_recipe_is_table_2_of_the_paper(self):
        recipe = registry().recipe("kim2023")
        assert (recipe.width, recipe.height, recipe.batch_size, recipe.epochs) == (320, 240, 8, 20)
        assert (recipe.optimizer, recipe.lr, recipe.patience, recipe.select) == ("adam", 1e-4, 5, "loss")
        assert recipe.fractions == pytest.approx([count / 35_769 for count in (28_614, 3_577, 3_578)], abs=1e-4)

    @pytest.mark.parametrize("name", ENTRIES)
    def test_there_is_one_logit_and_the_cam_layer_has_height_and_width(self, name):
        model = zoo.create_model(name)
        layer = model.network.get_submodule(registry().model(name).architecture.cam_layer)
        shapes = []
        layer.register_forward_hook(lambda _module, _given, output: shapes.append(tuple(output.shape)))
        with torch.no_grad():
            assert model(images(2, 64, 128)).shape == (2, 1)
        assert shapes == [(2, 2048, 1, 2) if name == "lung_frelu" else (2, 2048, 2, 4)]


class TestFReLU:
    def test_values_and_gradients_are_those_of_torch_maximum(self):
        torch.manual_seed(0)
        frelu = FReLU(6)
        conv, bn = copy.deepcopy(frelu.conv), copy.deepcopy(frelu.bn)
        x, upstream = images(4, 7, 5).repeat(1, 2, 1, 1), torch.randn(4, 6, 7, 5)
        ours, plain = x.clone().requires_grad_(), x.clone().requires_grad_()
        y, expected = frelu(ours), torch.maximum(plain, bn(conv(plain)))
        y.backward(upstream)
        expected.backward(upstream)
        assert torch.equal(y, expected)
        assert_close(ours.grad, plain.grad)
        for mine, theirs in zip(frelu.parameters(), [*conv.parameters(), *bn.parameters()], strict=True):
            assert_close(mine.grad, theirs.grad)

    def test_the_second_derivative_is_correct(self):
        torch.manual_seed(0)
        frelu = FReLU(2).double().eval()
        x = torch.randn(2, 2, 4, 3, dtype=torch.double, requires_grad=True)
        assert torch.autograd.gradcheck(frelu, x)
        assert torch.autograd.gradgradcheck(frelu, x)

    def test_values_are_the_same_with_and_without_gradients(self):
        frelu = FReLU(3).eval()
        x = images(2, 8, 8)
        with torch.no_grad():
            without = frelu(x)
        assert torch.equal(frelu(x), without)


class TestAttentions:
    def test_channel_attention_is_equation_1(self):
        attention = ChannelAttention(kernel=3)
        left, middle, right = attention.conv.weight.flatten()
        x = torch.randn(2, 4, 3, 5)
        means = nn.functional.pad(x.mean(dim=(2, 3)), (1, 1))
        scores = left * means[:, :-2] + middle * means[:, 1:-1] + right * means[:, 2:]
        assert_close(attention(x), x * scores.sigmoid()[:, :, None, None])

    def test_spatial_attention_is_equation_2(self):
        attention = SpatialAttention(4)
        x = torch.randn(2, 4, 3, 5)
        scores = torch.einsum("nchw,c->nhw", x, attention.conv.weight.flatten())
        assert_close(attention(x), x * scores.sigmoid()[:, None])

    def test_the_kernel_follows_eca_nets_rule(self):
        assert [eca_kernel(channels) for channels in (64, 256, 512, 1024, 2048)] == [3, 5, 5, 5, 7]


@pytest.mark.parametrize("block", [FReLU(16), ChannelAttention(kernel=3), SpatialAttention(16)])
class TestEfficiency:
    def test_the_channels_last_layout_is_kept(self, block):
        x = torch.randn(2, 16, 6, 8).to(memory_format=torch.channels_last).requires_grad_()
        y = block.to(memory_format=torch.channels_last)(x)
        y.sum().backward()
        assert y.is_contiguous(memory_format=torch.channels_last)
        assert x.grad.is_contiguous(memory_format=torch.channels_last)

    @pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
    def test_autocast_does_not_change_the_dtype_of_the_features(self, block, dtype):
        block.zero_grad()
        x = torch.randn(2, 16, 6, 8, dtype=dtype, requires_grad=True)
        with torch.autocast("cpu", torch.bfloat16):
            y = block(x)
        assert y.dtype == dtype
        y.sum().backward()
        assert x.grad.isfinite().all()
        assert all(parameter.grad.isfinite().all() for parameter in block.parameters())


def calls_of(network, block):
    """Return the kinds of layers that path A of a block calls, in order; FReLU without the layers inside it."""
    calls = []
    for name, module in network.get_submodule(block).named_modules():
        if (
            isinstance(module, FReLU | nn.Conv2d)
            and ".frelu." not in name
            and not name.startswith(("places", "path_b"))
        ):
            kind = "frelu" if isinstance(module, FReLU) else "depthwise" if module.groups > 1 else module.kernel_size[0]
            module.register_forward_hook(lambda _module, _given, _output, kind=kind: calls.append(kind))
    network(torch.empty(1, 3, 64, 64, device="meta"))
    return calls


def size_after(network, layer):
    sizes = []
    network.get_submodule(layer).register_forward_hook(lambda _module, _given, output: sizes.append(output.shape[2:]))
    network(torch.empty(1, 3, 240, 320, device="meta"))
    return tuple(sizes[0])


class TestLungFReLU:
    @pytest.mark.parametrize("block", ["stages.stage1.0", "stages.stage3.5"])
    @pytest.mark.parametrize(("between", "inside"), [(False, []), (True, ["frelu"])])
    def test_batch_norm_and_frelu_come_before_the_convolutions(self, build, block, between, inside):
        with torch.device("meta"):
            network = build("lung_frelu", 1, between=between)
        separable = ["frelu", "depthwise", *inside, 1]
        assert calls_of(network, block) == [*separable, "frelu", 3, *separable]

    @pytest.mark.parametrize(("stem_stride", "first_stride"), [(1, 1), (1, 2), (2, 1), (2, 2)])
    def test_strides_divide_the_size_and_odd_sizes_are_rounded_up(self, build, stem_stride, first_stride):
        with torch.device("meta"):
            network = build("lung_frelu", 1, stem_stride=stem_stride, first_stride=first_stride)
        stem = (120 // stem_stride, 160 // stem_stride)
        assert size_after(network, "stem") == stem
        assert size_after(network, "stages.stage1") == tuple(side // first_stride for side in stem)
        assert size_after(network, "act") == tuple(-(-side // (8 * first_stride)) for side in stem)

    def test_a_stem_of_stride_1_is_padded_by_one_more_row_below_and_column_to_the_right(self, build):
        stem = build("lung_frelu", 1, stem_stride=1).stem
        ones = torch.ones(1, 32, 6, 7)
        nn.init.constant_(stem.conv2.weight, 1 / 32)
        with torch.no_grad():
            seen = stem.conv2(stem.pad(ones))[0, 0]
        assert seen.shape == (6, 7)
        rows, columns = torch.tensor([3.0, 4, 4, 4, 3, 2]), torch.tensor([3.0, 4, 4, 4, 4, 3, 2])
        assert_close(seen, rows[:, None] * columns)

    @pytest.mark.parametrize("shortcut", ["activated", "raw"])
    def test_a_downsampling_block_is_path_b_plus_attended_path_a(self, build, shortcut):
        block = build("lung_frelu", 1, shortcut=shortcut).stages.stage2[0]
        x = torch.randn(2, 256, 7, 10)
        with torch.no_grad():
            activated = block.act1(x)
            y = block.conv3(block.act3(block.conv2(block.act2(block.conv1(activated)))))
            pooled = nn.functional.avg_pool2d(activated if shortcut == "activated" else x, 2, ceil_mode=True)
            assert pooled.shape == (2, 256, 4, 5)
            assert_close(block(x), block.path_b.conv(pooled) + block.places(block.channels(y)))

    def test_a_residual_block_adds_its_unchanged_input(self, build):
        block = build("lung_frelu", 1).stages.stage2[1]
        nn.init.zeros_(block.conv3.pointwise.weight)
        x = torch.randn(2, 512, 4, 5)
        with torch.no_grad():
            assert torch.equal(block(x), x)

    def test_the_kernel_of_the_channel_attention_is_an_option(self, build):
        with torch.device("meta"):
            chosen, by_rule = build("lung_frelu", 1, kernel=3), build("lung_frelu", 1)
        assert chosen.stages.stage4[2].channels.conv.kernel_size == (3,)
        assert by_rule.stages.stage4[2].channels.conv.kernel_size == (7,)

    def test_every_parameter_gets_a_gradient(self, build):
        torch.manual_seed(0)
        network = build("lung_frelu", 1).train()
        network(images(2, 64, 96)).sum().backward()
        assert all(parameter.grad.abs().sum() > 0 for parameter in network.parameters())


class TestResNets:
    @pytest.mark.parametrize("name", ["resnet50c", "resnet50d"])
    def test_the_stem_is_three_3x3_convolutions(self, build, name):
        with torch.device("meta"):
            convolutions = [layer for layer in build(name, 1).conv1 if isinstance(layer, nn.Conv2d)]
        found = [(layer.kernel_size[0], layer.stride[0], layer.out_channels) for layer in convolutions]
        assert found == [(3, 2, 32), (3, 1, 32), (3, 1, 64)]

    @pytest.mark.parametrize(("name", "pools"), [("resnet50c", False), ("resnet50d", True), ("resnext50", False)])
    def test_only_resnet_d_pools_in_the_shortcut(self, build, name, pools):
        with torch.device("meta"):
            shortcut = list(build(name, 1).layer2[0].downsample.modules())
        convolution = next(layer for layer in shortcut if isinstance(layer, nn.Conv2d))
        assert any(isinstance(layer, nn.AvgPool2d) for layer in shortcut) is pools
        assert convolution.stride == ((1, 1) if pools else (2, 2))

    @pytest.mark.parametrize(("name", "groups"), [("resnet50c", 1), ("resnet50d", 1), ("resnext50", 32)])
    def test_stride_and_groups_are_those_of_the_3x3_convolution(self, build, name, groups):
        with torch.device("meta"):
            block = build(name, 1).layer2[0]
        assert (block.conv1.stride, block.conv2.stride, block.conv2.groups) == ((1, 1), (2, 2), groups)

    @pytest.mark.parametrize(("name", "theirs"), PUBLIC)
    def test_with_public_weights_the_features_are_those_of_timms_network(self, build, load, source, name, theirs):
        theirs = source(theirs)
        network = build(name, 1)
        head = network.fc.weight.clone()
        load(name, network, theirs.state_dict())
        x = images(2, 64, 96)
        with torch.no_grad():
            features = theirs.forward_head(theirs.forward_features(x), pre_logits=True)
            assert_close(network(x), nn.functional.linear(features, head, network.fc.bias), atol=1e-5, rtol=1e-5)
            network.fc = nn.Identity()
            assert_close(network(x), features, atol=1e-5, rtol=1e-5)

    @pytest.mark.parametrize(("name", "theirs"), PUBLIC)
    def test_weights_of_another_network_are_refused(self, build, load, source, name, theirs):
        with torch.device("meta"):
            network, tensors = build(name, 1), source(theirs).state_dict()
        for wrong in ({**tensors, "layer5.weight": tensors["bn1.weight"]}, dict(list(tensors.items())[1:])):
            with pytest.raises(BundleError, match="these weights are not for"):
                load(name, network, wrong)
