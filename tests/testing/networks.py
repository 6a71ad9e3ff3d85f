"""A network that passes every check of the conformance kit, and one for each way to fail a check.

The tests copy this file into a third party's package.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

HERE = Path(__file__).parent


class Right(nn.Module):
    """One convolution, pooling, one linear layer."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 4, stride=4)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(4, num_outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.pool(self.conv(x)).flatten(1))


class SlowStart(Right):
    """Right: a scale of zero and a last layer of zeros let gradients through one step at a time."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.scale = nn.Parameter(torch.zeros(1))
        nn.init.zeros_(self.fc.weight)

    def forward(self, x: Tensor) -> Tensor:
        features = self.conv(x)
        return self.fc((features.detach() + self.scale * features).mean(dim=(2, 3)))


class Narrow(Right):
    """Right: a gate of one ReLU, which is closed at first with seed 0."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.gate = nn.Parameter(torch.tensor(-1.0 if torch.initial_seed() == 0 else 1.0))

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + F.relu(self.gate) * torch.arange(self.fc.out_features)


class CutOff(Right):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).detach()


class Patches(Right):
    """Right: images are cut into patches of 14, and half of 42 is not a multiple of 14."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.conv = nn.Conv2d(3, 4, 14, stride=14)

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[2] % 14:
            raise ValueError("the height is not a multiple of 14")
        return super().forward(x)


class FourDimensions(Right):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)[:, :, None, None]


class NotFinite(Right):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * (1 if self.training else torch.nan)


class Softmax(Right):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).softmax(1)


class Sigmoid(Right):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).sigmoid()


class Flat(Right):
    """Right: the fresh logits are 0.5 for every image."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        nn.init.normal_(self.fc.weight, std=1e-6)
        nn.init.constant_(self.fc.bias, 0.5)


class Zero(Right):
    """Right: the fresh logits are 0 for every image, since the head begins with zeros."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        nn.init.zeros_(self.fc.weight)
        nn.init.zeros_(self.fc.bias)


class Draws(Right):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + torch.rand(1)


class Neighbors(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.norm = nn.BatchNorm2d(4, track_running_stats=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(F.relu(self.norm(self.conv(x))).mean(dim=(2, 3)))


class OneSize(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.fc = nn.Linear(4 * 4 * 4, num_outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.conv(x).flatten(1))


class SizeInShape(Right):
    """Returns a row for every 16 x 16 pixels, which is right for images of that size only."""

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(F.avg_pool2d(self.conv(x), 4).flatten(2).transpose(1, 2).reshape(-1, 4))


class TwoClasses(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(2)


class Idle(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.idle = nn.Linear(2, 2)


class SteepStart(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.scale = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + self.scale.sqrt()


class Forgets(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.shift = torch.rand(1)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + self.shift


class TwoNames(Right):
    def __init__(self, num_outputs: int) -> None:
        super().__init__(num_outputs)
        self.twin = self.fc.weight


class Grows(Right):
    def forward(self, x: Tensor) -> Tensor:
        self.register_buffer("seen", torch.ones(1))
        return super().forward(x)


class InPlace(Right):
    def forward(self, x: Tensor) -> Tensor:
        x *= 0.5
        return super().forward(x)


class Misspelt(Right):
    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.pol(self.conv(x)).flatten(1))


class TwoOutputs(Right):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.conv(x)
        return super().forward(x), features


def unseeded(num_outputs: int) -> nn.Module:
    network = Right(num_outputs)
    own = torch.Generator()
    own.seed()
    nn.init.normal_(network.fc.weight, generator=own)
    return network


def reads_file(num_outputs: int) -> nn.Module:
    (HERE / "weights.bin").read_bytes()
    return Right(num_outputs)


def reads_safetensors(num_outputs: int) -> nn.Module:
    from safetensors.torch import load_file

    load_file(HERE / "weights.safetensors")
    return Right(num_outputs)


def asks_network(num_outputs: int) -> nn.Module:
    with socket.socket() as connection:
        connection.settimeout(0.1)
        connection.connect_ex(("127.0.0.1", 9))
    return Right(num_outputs)


def runs_program(num_outputs: int) -> nn.Module:
    subprocess.run([sys.executable, "-S", "-c", ""], check=True)
    return Right(num_outputs)


def bad_choice(num_outputs: int, *, gate: str) -> nn.Module:
    if gate == "sigmoid":
        raise ValueError("no sigmoid today")
    return Right(num_outputs)


def bad_switch(num_outputs: int, *, gated: bool) -> nn.Module:
    if not gated:
        raise ValueError("only gated")
    return Right(num_outputs)


def lazy(num_outputs: int) -> nn.Module:
    network = Right(num_outputs)
    network.fc = nn.LazyLinear(num_outputs)
    return network


def with_mode(num_outputs: int, *, mode: str) -> nn.Module:
    return Right(num_outputs)


def wrong_signature(num_outputs: int) -> nn.Module:
    return Right(num_outputs)


def raises(num_outputs: int) -> nn.Module:
    raise RuntimeError("no luck today")
