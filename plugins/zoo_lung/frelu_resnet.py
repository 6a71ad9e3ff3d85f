"""The lung cancer network of Kim and Kang (2023): a pre-activation ResNet50 with FReLU and two attention modules.

"A Study on the Classification of Cancers with Lung Cancer Pathological Images Using Deep Neural Networks and
Self-Attention Structures" describes: a stem of two 4x4 convolutions with 32 and 64 filters, the first with stride 2.
Four stages of 3, 4, 6 and 3 blocks, each of which begins with a downsampling block. Path A of a block is a bottleneck
of 1x1, 3x3 and 1x1 convolutions, with the stride on the 3x3 and a depthwise convolution before each 1x1, followed by
channel attention and spatial attention. Path B of a downsampling block is 2x2 average pooling and a 1x1 convolution.
Batch norm and FReLU come before the convolutions, and again before global average pooling and the single output.

Readings, where the paper leaves something open, with the option that chooses otherwise:

- The stem's second convolution has stride 2, so that the stem divides by 4 as ResNet's does (`stem_stride`). The first
  stage downsamples like the others, as the text says "all stages" (`first_stride`): the network divides by 64.
- A depthwise convolution and the 1x1 after it count as one convolution, as in Xception, which the paper names:
  batch norm and FReLU come before the pair (`between`: also inside it). Depthwise convolutions are 3x3.
- Path B gets the activated input, as in the pre-activation ResNet that the paper names (`shortcut`: the raw input).
- The kernel k of the channel attention is not given; here ECA-Net's rule, which gives 5, 5, 5 and 7 (`kernel`).
- For spatial attention, the text has "a kernel size of k" and one map for each channel, equation 2 has a 1x1
  convolution, and the text before it one map; here 1x1 and one map.
- Only the last layer has a bias; FReLU's convolution has none, since batch norm follows.
- Initial weights are not described. Here convolutions are initialized to preserve the variance, as FReLU nearly does.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from zoo_lung.residual_block import EXPANSION, ResidualBlock, activation

STEM = (32, 64)
WIDTHS = (64, 128, 256, 512)
BLOCKS = (3, 4, 6, 3)


def stem(*, second_stride: int) -> nn.Sequential:
    """Return two 4x4 convolutions, instead of ResNet's 7x7 and pooling."""
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    parts["conv1"] = nn.Conv2d(3, STEM[0], 4, stride=2, padding=1, bias=False)
    parts["act"] = activation(STEM[0])
    if second_stride == 1:  # an even kernel needs one more row and column on one side to keep the size
        parts["pad"] = nn.ZeroPad2d((1, 2, 1, 2))
    parts["conv2"] = nn.Conv2d(*STEM, 4, stride=second_stride, padding=second_stride - 1, bias=False)
    return nn.Sequential(parts)


class LungFReLU(nn.Module):
    """Stem, four stages, a last activation, pooling, one linear layer."""

    def __init__(
        self, num_outputs: int, *, stem_stride: int, first_stride: int, shortcut: str, between: bool, kernel: int
    ) -> None:
        super().__init__()
        self.stem = stem(second_stride=stem_stride)
        inputs = STEM[-1]
        stages: OrderedDict[str, nn.Module] = OrderedDict()
        for number, (width, count) in enumerate(zip(WIDTHS, BLOCKS, strict=True), start=1):
            stage = nn.Sequential()
            for index in range(count):
                stride = 1 if index else first_stride if number == 1 else 2
                stage.append(
                    ResidualBlock(
                        inputs,
                        width,
                        downsamples=index == 0,
                        stride=stride,
                        shortcut=shortcut,
                        between=between,
                        kernel=kernel,
                    )
                )
                inputs = EXPANSION * width
            stages[f"stage{number}"] = stage
        self.stages = nn.Sequential(stages)
        self.act = activation(inputs)
        self.fc = nn.Linear(inputs, num_outputs)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="linear")

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(self.act(self.stages(self.stem(x))).mean(dim=(2, 3)))
        return logits


def build(
    num_outputs: int, *, stem_stride: int, first_stride: int, shortcut: str, between: bool, kernel: int
) -> nn.Module:
    """Return the network with fresh weights."""
    return LungFReLU(
        num_outputs,
        stem_stride=stem_stride,
        first_stride=first_stride,
        shortcut=shortcut,
        between=between,
        kernel=kernel,
    )
