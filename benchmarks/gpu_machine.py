"""What the parts of gpu.py share: how much is computed, the device, the folders, and what earlier parts measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from training import draw

from zoo.device import Compute

FIRST = "resnet50"
"""The network whose rate is compared with its limits and with the peer's."""


OTHERS = ("dala", "cbam110", "lung_frelu", "swin")


GRID = ("dala", "resnet50", "senet56", "cbam56")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How much is computed: the real thing, or a toy of it."""

    batch: int = 256
    size: int | None = None
    first: str = FIRST
    others: tuple[str, ...] = OTHERS
    compiled: tuple[str, ...] = (FIRST, "cbam56")
    compiler: str = "inductor"
    captured: tuple[tuple[str, int], ...] = (
        ("cbam110", 256),
        ("cbam110", 32),
        ("cbam56", 32),
        (FIRST, 256),
        (FIRST, 32),
    )
    steps: int = 10
    train: int = 6144
    test: int = 512
    epochs: int = 4
    grid: tuple[str, ...] = GRID
    grid_options: str = "--seeds 3 --split-seed 0 --epochs 10 --height 48 --width 48"
    replayed: tuple[tuple[str, int], ...] = (("cbam56", 64), ("dala", 96))
    small_batch: int = 32
    files: int = 600
    demo: tuple[str, ...] = ("dala", "cbam56", "swin")


TOY = Scale(
    batch=4,
    size=32,
    first="resnet20",
    others=("cbam20",),
    compiled=("resnet20",),
    compiler="aot_eager",
    captured=(("cbam20", 4),),
    steps=1,
    train=16,
    test=8,
    epochs=2,
    grid=("resnet20",),
    grid_options="--seeds 1 --epochs 1 --batch-size 8 --height 16 --width 16",
    replayed=(("cbam20", 16),),
    small_batch=8,
    files=8,
    demo=("resnet20", "cbam20"),
)


@dataclass(kw_only=True)
class Machine:
    """What all parts share: the device, the scale, the folders, and what earlier parts measured."""

    compute: Compute
    scale: Scale
    peer: Path | None
    idc: Path | None
    scratch: Path
    out: Path
    peak: float = 1.0
    bandwidth: float = 1.0
    images: list[Path] = field(default_factory=list)

    @property
    def device(self) -> str:
        """The type of the device."""
        return self.compute.device.type

    def drawn(self) -> Path:
        """Return the folder of image files, which is filled when it is first asked for."""
        folder = self.scratch / "images"
        if not self.images:
            self.images = draw(folder, train=self.scale.train, test=self.scale.test)
        return folder
