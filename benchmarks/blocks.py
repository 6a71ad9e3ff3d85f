"""The plugins' blocks against the straightforward composition of torch's operators: python benchmarks/blocks.py.

Both sides have the same weights and take turns in one run, in changing order. Printed is the ratio of the medians:
below 1, ours is faster.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from straightforward import PlainCBAM, PlainFReLU, PlainLung, PlainSE
from torch import Tensor, nn

from zoo_cbam.cbam_resnet import CBAM
from zoo_lung.attention import ChannelAttention, SpatialAttention, eca_kernel
from zoo_lung.frelu import FReLU
from zoo_se.squeeze_excitation import SqueezeExcitation


def lung_attentions(channels: int) -> nn.Module:
    """Both of the lung network's, one after the other."""
    return nn.Sequential(ChannelAttention(kernel=eca_kernel(channels)), SpatialAttention(channels))


@dataclass(frozen=True, kw_only=True)
class Case:
    """One block, as a network of the zoo uses it, and the batches it is tried on: images, channels, height, width."""

    name: str
    ours: Callable[[int], nn.Module]
    plain: Callable[[int], nn.Module]
    batches: tuple[tuple[int, int, int, int], ...]


WARM = 3
LUNG = ((8, 64, 60, 80), (8, 256, 30, 40), (8, 1024, 8, 10))
SMALL = ((32, 16, 64, 64), (32, 32, 32, 32), (32, 64, 16, 16))
CASES = (
    Case(name="FReLU", ours=FReLU, plain=PlainFReLU, batches=LUNG),
    Case(name="lung attentions", ours=lung_attentions, plain=PlainLung, batches=LUNG[1:]),
    Case(
        name="SE",
        ours=partial(SqueezeExcitation, reduction=8, bias=True),
        plain=partial(PlainSE, reduction=8),
        batches=SMALL,
    ),
    Case(name="CBAM", ours=partial(CBAM, reduction=8, kernel=3), plain=partial(PlainCBAM, reduction=8), batches=SMALL),
)


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a comparison is run, the same for both sides."""

    device: str
    bfloat16: bool
    rounds: int


def seconds(block: nn.Module, x: Tensor, *, train: bool) -> float:
    """One step of training, or one look at a batch."""
    if x.is_cuda:
        torch.cuda.synchronize()
    began = time.perf_counter()
    with torch.set_grad_enabled(train):
        y = block(x)
        if train:
            torch.autograd.backward(y, torch.ones_like(y))
    if x.is_cuda:
        torch.cuda.synchronize()
    x.grad = None
    return time.perf_counter() - began


def compare(case: Case, batch: tuple[int, int, int, int], way: Way, *, train: bool) -> tuple[float, float]:
    """The medians of both sides, ours first."""
    sides = [make(batch[1]).train(train).to(way.device) for make in (case.ours, case.plain)]
    ours, plain = (side.to(memory_format=torch.channels_last) for side in sides)
    plain.load_state_dict(dict(zip(plain.state_dict(), ours.state_dict().values(), strict=True)))
    x = torch.randn(batch, device=way.device).to(memory_format=torch.channels_last)
    torch.testing.assert_close(ours(x), plain(x), atol=1e-4, rtol=1e-4)
    x = x.to(torch.bfloat16 if way.bfloat16 else torch.float32).requires_grad_()
    times: tuple[list[float], list[float]] = ([], [])
    with torch.autocast(way.device, torch.bfloat16, enabled=way.bfloat16):
        for number in range(WARM + way.rounds):
            turns = list(zip((ours, plain), times, strict=True))
            for block, kept in turns[:: 1 if number % 2 else -1]:
                spent = seconds(block, x, train=train)
                if number >= WARM:
                    kept.append(spent)
    return statistics.median(times[0]), statistics.median(times[1])


def main() -> None:
    """Print a line for every block, batch and mode."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--bfloat16", action="store_true")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    way = Way(device=chosen.device, bfloat16=chosen.bfloat16, rounds=chosen.rounds)
    precision = "bfloat16" if way.bfloat16 else "float32"
    print(f"torch {torch.__version__}, {way.device}, {precision}, channels_last, {way.rounds} rounds")
    print(f"{'block':16} {'batch':>14} {'mode':>10} {'ours ms':>9} {'plain ms':>9} {'ratio':>6}")
    for case in CASES:
        for batch in case.batches:
            for mode in ("training", "inference"):
                ours, plain = compare(case, batch, way, train=mode == "training")
                size = "x".join(map(str, batch))
                print(f"{case.name:16} {size:>14} {mode:>10} {ours * 1e3:9.3f} {plain * 1e3:9.3f} {ours / plain:6.2f}")


if __name__ == "__main__":
    main()
