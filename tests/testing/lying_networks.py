"""Networks that look right but are not, and some that look wrong but do no harm.

The tests copy this file into a third party's package.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Right(nn.Module):
    """One convolution, pooling, one linear layer."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 4, stride=4)
        self.fc = nn.Linear(4, num_outputs)

    def features(self, x: Tensor) -> Tensor:
        return self.conv(x).mean(dim=(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.features(x))


# memory layout and precision


class Views(Right):
    def features(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return x.view(x.shape[0], -1).view(x.shape[0], 4, -1).mean(dim=2)


class ViewsPositions(Right):
    def features(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return x.permute(0, 2, 3, 1).view(x.shape[0], -1).view(x.shape[0], -1, 4).mean(dim=1)


class Strides(Right):
    def features(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        n, c, h, w = x.shape
        return torch.as_strided(x, (n, c, h * w), (c * h * w, h * w, 1)).mean(dim=2)


class AddsInPlace(Right):
    def features(self, x: Tensor) -> Tensor:
        x = super().features(x)
        total = torch.zeros(len(x), 4)
        return total.scatter_add(1, torch.arange(4).expand(len(x), 4), x)


class Halves(Right):
    """The images and logits that are saved with it would not belong together, so that it could not be loaded."""

    def forward(self, x: Tensor) -> Tensor:
        x *= 0.5
        return super().forward(x)


class Cancels(Right):
    def forward(self, x: Tensor) -> Tensor:
        logits = super().forward(x)
        almost_one = torch.tensor(0.999, dtype=logits.dtype)
        return logits * 1e-3 / (1 - almost_one)


# saving and loading


class TiedModules(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.head = self.fc


class TiedParameter(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.other = nn.Linear(4, num_outputs)
        self.other.weight = self.fc.weight

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        return self.fc(x) + self.other(x)


class DrawnAtBuild(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.projection = torch.randn(4, 4)

    def features(self, x: Tensor) -> Tensor:
        return super().features(x) @ self.projection


class DrawnBuffer(DrawnAtBuild):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        del self.projection
        self.register_buffer("projection", torch.randn(4, 4), persistent=False)


class Shuffles(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.order = torch.randperm(4 * 64).tolist()
        self.large = nn.Parameter(torch.randn(4 * 64, 4))

    def features(self, x: Tensor) -> Tensor:
        return super().features(x).repeat(1, 64)[:, self.order] @ self.large


class SavesLess(Right):
    def state_dict(self, *args: object, **options: object) -> dict[str, Tensor]:
        state = super().state_dict(*args, **options)
        return {name: tensor for name, tensor in state.items() if "fc" not in name}


class Lazy(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.fc = nn.LazyLinear(num_outputs)


class BornInForward(Right):
    def forward(self, x: Tensor) -> Tensor:
        if not hasattr(self, "scale"):
            self.scale = nn.Parameter(torch.ones(1))
        return super().forward(x) * self.scale


# state that a checkpoint does not have


class Counts(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += self.training
        return super().forward(x) * (1 + 0.1 * self.calls)


class Averages(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.mean = torch.zeros(4)

    def features(self, x: Tensor) -> Tensor:
        x = super().features(x)
        if self.training:
            self.mean = 0.5 * self.mean + 0.5 * x.detach().float().mean(dim=0)
        return x - self.mean


class AveragesInBuffer(Averages):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        del self.mean
        self.register_buffer("mean", torch.zeros(4), persistent=False)


class WarmsUp(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.rate = 0.0

    def features(self, x: Tensor) -> Tensor:
        self.rate = min(0.5, self.rate + 0.1 * self.training)
        return F.dropout(super().features(x), self.rate, self.training)


# random numbers from elsewhere


class PythonNoise(Right):
    def features(self, x: Tensor) -> Tensor:
        return super().features(x) * (1 + random.random() * self.training)


class NumpyNoise(Right):
    def features(self, x: Tensor) -> Tensor:
        return super().features(x) * (1 + float(np.random.rand()) * self.training)


class SystemNoise(Right):
    def features(self, x: Tensor) -> Tensor:
        return super().features(x) * (1 + int.from_bytes(os.urandom(4), "big") / 2**32 * self.training)


class OwnGenerator(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.generator = torch.Generator().manual_seed(0)

    def features(self, x: Tensor) -> Tensor:
        noise = torch.rand(1, generator=self.generator) if self.training else 0
        return super().features(x) * (1 + noise)


def python_weights(num_outputs: int) -> nn.Module:
    network = Right(num_outputs)
    nn.init.constant_(network.fc.weight, random.random())
    return network


def numpy_weights(num_outputs: int) -> nn.Module:
    network = Right(num_outputs)
    nn.init.constant_(network.fc.weight, float(np.random.rand()))
    return network


# constructors that change the process


def seeds(num_outputs: int) -> nn.Module:
    torch.manual_seed(0)
    return Right(num_outputs)


def seeds_python(num_outputs: int) -> nn.Module:
    random.seed(0)
    return Right(num_outputs)


def seeds_numpy(num_outputs: int) -> nn.Module:
    np.random.seed(0)
    return Right(num_outputs)


def changes_dtype(num_outputs: int) -> nn.Module:
    network = Right(num_outputs)
    torch.set_default_dtype(torch.float64)
    return network


def changes_threads(num_outputs: int) -> nn.Module:
    torch.set_num_threads(torch.get_num_threads() + 1)
    return Right(num_outputs)


def changes_folder(num_outputs: int) -> nn.Module:
    os.chdir(Path.cwd().parent)
    return Right(num_outputs)


def demands_determinism(num_outputs: int) -> nn.Module:
    torch.use_deterministic_algorithms(not torch.are_deterministic_algorithms_enabled())
    return Right(num_outputs)


def prints(num_outputs: int) -> nn.Module:
    print("building Right")  # noqa: T201
    return Right(num_outputs)


def writes_to_descriptor(num_outputs: int) -> nn.Module:
    os.write(1, b"building Right in C\n")
    return Right(num_outputs)


class PrintsInForward(Right):
    def forward(self, x: Tensor) -> Tensor:
        print("forward", tuple(x.shape))  # noqa: T201
        return super().forward(x)


# choices, growth, gradients


class Gate(Right):
    def __init__(self, num_outputs: int, *, gate: str) -> None:
        super().__init__(num_outputs)
        self.gate = gate

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(getattr(F, self.gate)(x))


class Pooling(Right):
    def __init__(self, num_outputs: int, *, gate: str) -> None:
        super().__init__(num_outputs)
        self.gate = gate

    def forward(self, x: Tensor) -> Tensor:
        logits = super().forward(x)
        return logits if self.gate == "relu" else logits[:, :, None]


class Remembers(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.seen: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(x)
        return super().forward(x)


class Sprouts(Right):
    def forward(self, x: Tensor) -> Tensor:
        self.add_module(f"extra{len(self._modules)}", nn.Identity())
        return super().forward(x)


class OnlyInEval(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.shift = nn.Parameter(torch.zeros(4))

    def features(self, x: Tensor) -> Tensor:
        return super().features(x) + (0 if self.training else self.shift)


class Patches(Right):
    def forward(self, x: Tensor) -> Tensor:
        if x.shape[2] % 16 and x.shape[2] != 8:
            raise ValueError("the height is not a multiple of 16")
        return super().forward(x)


# strange, but harmless


class WritesErrors(Right):
    def forward(self, x: Tensor) -> Tensor:
        sys.stderr.write("")
        return super().forward(x)


class CachesOnce(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.masks: dict[int, Tensor] = {}

    def features(self, x: Tensor) -> Tensor:
        return super().features(x) * self.masks.setdefault(x.shape[2], torch.ones(1))


class CountsForNothing(Right):
    calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        return super().forward(x)


class IdleBuffer(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.register_buffer("idle", torch.zeros(3))


class Ignores(Right):
    def __init__(self, num_outputs: int, *, gate: str) -> None:
        super().__init__(num_outputs)


class SharesTwice(Right):
    """One module, called twice under one name."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.mix = nn.Linear(4, 4)

    def features(self, x: Tensor) -> Tensor:
        return self.mix(self.mix(super().features(x)))


class Skips(Right):
    """Leaves out a layer at random in training, as with stochastic depth."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.extra = nn.Linear(4, 4)

    def features(self, x: Tensor) -> Tensor:
        x = super().features(x)
        return x + self.extra(x) if not self.training or torch.rand(1) < 0.8 else x


class Double(Right):
    def features(self, x: Tensor) -> Tensor:
        return super().features(x).double().float()
