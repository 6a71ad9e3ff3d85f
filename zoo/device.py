"""The device, precision and memory layout to compute with, and why they were chosen."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from zoo.errors import UsageError
from zoo.spec import Layout, Precision

Setting = TypeVar("Setting")
AT_ONCE = 32
"""Images that go through a network at once without gradients, on a CPU."""
AT_ONCE_ON_GPU = 256
"""… on a GPU at most, where launching the kernels of a small network takes longer than computing them."""
PIXELS_ON_GPU = 64 * 224 * 224
"""… and at most this many pixels, so that large images fit in the memory of a small GPU."""


@dataclass(frozen=True, kw_only=True)
class Compute:
    """The device, precision and memory layout of a computation."""

    device: torch.device
    bfloat16: bool
    channels_last: bool = True
    deterministic: bool = False
    """Use only operations that give bit-identical results every time; on a CPU all do."""
    why: str
    """The choices with their reasons, as one line."""
    threads: int | None = None
    """The number of threads on a CPU, which decides the order of sums, and so the last bits; None: torch's own."""
    why_threads: str = ""
    """Why it is not torch's own number."""

    def images_at_once(self, height: int, width: int) -> int:
        """Return how many images of one size go through a network at once where no gradients are needed."""
        if self.device.type != "cuda":
            return AT_ONCE
        return max(1, min(AT_ONCE_ON_GPU, PIXELS_ON_GPU // (height * width)))

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the autocast context for the forward pass of a training step."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bfloat16)

    def place(self, network: nn.Module) -> nn.Module:
        """Move a network to the device in the chosen memory layout."""
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        return network.to(self.device, memory_format=layout)  # type: ignore[call-overload,no-any-return]

    def arrange(self, batch: Tensor) -> Tensor:
        """Return a batch in the chosen memory layout."""
        return batch.contiguous(memory_format=torch.channels_last if self.channels_last else torch.contiguous_format)

    @contextmanager
    def torch_settings(self) -> Iterator[None]:
        """Set torch's global settings for a training, and restore them when the block ends."""
        before = torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark
        threads = torch.get_num_threads()
        try:
            torch.set_num_threads(self.threads or threads)
            if self.deterministic:
                torch.backends.cudnn.benchmark = False  # it would choose another algorithm each time
                torch.use_deterministic_algorithms(True)
            elif self.device.type == "cuda":
                torch.backends.cudnn.benchmark = True
            yield
        finally:
            torch.use_deterministic_algorithms(before[0])
            torch.backends.cudnn.benchmark = before[1]
            torch.set_num_threads(threads)


CUBLAS = "CUBLAS_WORKSPACE_CONFIG"
"""The variable without which torch refuses deterministic matrix products on a GPU; it costs 32 MB, and no time."""


@contextmanager
def without_tf32() -> Iterator[None]:
    """Compute convolutions and matrix products in full float32, summed in a fixed order, inside the block.

    By default NVIDIA GPUs compute convolutions in TF32, which rounds to ten bits, and a program may allow that, or
    bfloat16, for matrix products too. Predictions and metrics are computed without it. The setting applies to the whole
    process: the first of several threads to enter changes it, and the last to leave restores it.
    """
    with _inside_lock:
        if not _inside:
            _restored.enter_context(_full_float32())
        _inside.append(None)
    try:
        yield
    finally:
        with _inside_lock:
            _inside.pop()
            if not _inside:
                _restored.close()


_inside_lock, _inside, _restored = Lock(), list[None](), ExitStack()
"""The state of `without_tf32`: one item for each block that is running, and the settings to restore after the last."""


@contextmanager
def _full_float32() -> Iterator[None]:
    """Change the settings of torch for `without_tf32`, and restore them.

    torch has two generations of them. The old ones are changed too, so that the two agree, unless the program has set
    the new ones only: reading the old ones is then an error.
    """
    _forget_deprecation()
    cudnn: Any = torch.backends.cudnn
    on_cpu: Any = torch.backends.mkldnn
    old = _readable(lambda: cudnn.allow_tf32), _readable(torch.get_float32_matmul_precision)
    operations = (cudnn.conv, cudnn.rnn, torch.backends.cuda.matmul, on_cpu.conv, on_cpu.matmul)
    before = [operation.fp32_precision for operation in operations]
    fixed_order = cudnn.deterministic, cudnn.benchmark

    def change(tf32: bool | None, precision: str | None, precisions: Iterable[str]) -> None:
        if tf32 is not None:
            cudnn.allow_tf32 = tf32
        if precision is not None:
            torch.set_float32_matmul_precision(precision)
        for operation, own in zip(operations, precisions, strict=True):
            operation.fp32_precision = own

    try:
        change(None if old[0] is None else False, None if old[1] is None else "highest", ["ieee"] * len(operations))
        cudnn.deterministic, cudnn.benchmark = True, False
        yield
    finally:
        change(*old, before)
        cudnn.deterministic, cudnn.benchmark = fixed_order


@cache
def _forget_deprecation() -> None:
    """Read an old setting, for which torch 2.9 to 2.11 warn once in a process: that would be no news for a user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _readable(lambda: torch.backends.cudnn.allow_tf32)


def _readable(setting: Callable[[], Setting]) -> Setting | None:
    """Return an old setting of torch; None if it cannot be read since it does not agree with the new ones."""
    try:
        return setting()
    except RuntimeError:
        return None


def choose_device(name: str = "auto") -> torch.device:
    """Return the device of this name; for "auto", the best one available."""
    if name == "auto":
        kinds = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
        name = next((kind for kind, available in kinds.items() if available), "cpu")
        device = torch.device(name)
    else:
        try:
            device = torch.device(name)
            torch.zeros(1, device=device).item()
        except (RuntimeError, AssertionError, ImportError, TypeError) as error:
            raise UsageError(f"the device {name!r} cannot be used: {str(error).splitlines()[0]}") from error
    if device.type == "cuda":
        # cuBLAS reads it once in a process, when it first multiplies: too late for a deterministic training after that
        os.environ[CUBLAS] = os.environ.get(CUBLAS) or ":4096:8"
    return device


def choose_compute(
    device: str, precision: Precision = "auto", layout: Layout = "auto", *, deterministic: bool = False
) -> Compute:
    """Return how to compute. "auto" means bfloat16 only if the hardware supports it, since emulation is slow."""
    chosen = choose_device(device)
    native = _has_bfloat16(chosen)
    bfloat16 = native if precision == "auto" else precision == "bfloat16"
    reason = "in hardware" if native else "no bfloat16 in hardware"
    requested = "as requested"
    facts = [
        f"{chosen.type}: {'bfloat16' if bfloat16 else 'float32'} ({reason if precision == 'auto' else requested})",
        f"{'channels_last' if layout == 'auto' else layout} ({'for convolutions' if layout == 'auto' else requested})",
        *([f"deterministic ({requested})"] if deterministic else []),
    ]
    return Compute(
        device=chosen,
        bfloat16=bfloat16,
        channels_last=layout != "contiguous",
        deterministic=deterministic,
        why=", ".join(facts),
    )


def _has_bfloat16(device: torch.device) -> bool:
    """Return whether the hardware multiplies in bfloat16."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        return any(bool(getattr(torch.cpu, probe, bool)()) for probe in _CPU_PROBES)
    return False


# private functions of torch that query the processor; float32 is used if a release of torch lacks them
_CPU_PROBES = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
