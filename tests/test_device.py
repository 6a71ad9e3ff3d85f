from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from textwrap import dedent
from typing import Any

import pytest
import torch
from torch import nn

from zoo.device import choose_compute, choose_device, without_tf32
from zoo.errors import UsageError


def test_auto_is_the_cpu_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device().type == "cpu"


def test_auto_is_cuda_with_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device().type == "cuda"


@pytest.mark.parametrize("name", ["gpu", "cpu:x", "", "privateuseone", "cuda:99", "meta", None, []])
def test_a_device_that_cannot_be_used_is_refused_in_one_line(name: Any) -> None:
    with pytest.raises(UsageError) as caught:
        choose_device(name)
    text = str(caught.value)
    assert text.startswith(f"the device {name!r} cannot be used: ")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("device", "side", "images"),
    [("cpu", 64, 32), ("cpu", 2048, 32), ("cuda", 48, 256), ("cuda", 224, 64), ("cuda", 512, 12), ("cuda", 4096, 1)],
)
def test_a_gpu_takes_more_small_images_at_once_and_fewer_large_ones(device: str, side: int, images: int) -> None:
    compute = replace(choose_compute("cpu", "float32"), device=torch.device(device))
    assert compute.images_at_once(side, side) == images


@pytest.mark.parametrize("native", [True, False])
def test_auto_precision_is_bfloat16_only_where_the_hardware_supports_it(
    monkeypatch: pytest.MonkeyPatch, native: bool
) -> None:
    monkeypatch.setattr("zoo.device._has_bfloat16", lambda device: native)
    compute = choose_compute("cpu")
    assert compute.bfloat16 is native
    said = "bfloat16 (in hardware)" if native else "float32 (no bfloat16 in hardware)"
    assert compute.why == f"cpu: {said}, channels_last (for convolutions)"


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_given_precision_is_used(monkeypatch: pytest.MonkeyPatch, native: bool, precision: str) -> None:
    monkeypatch.setattr("zoo.device._has_bfloat16", lambda device: native)
    compute = choose_compute("cpu", precision)  # type: ignore[arg-type]
    assert compute.why.startswith(f"cpu: {precision} (as requested), ")
    with compute.autocast():
        made = nn.Linear(2, 2)(torch.ones(1, 2))
    assert made.dtype == getattr(torch, precision)


def test_a_torch_release_without_the_bfloat16_checks_means_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.device._CPU_PROBES", ("_is_a_name_of_another_release",))
    assert not choose_compute("cpu").bfloat16


@pytest.mark.parametrize("layout", ["channels_last", "contiguous"])
def test_batches_and_weights_have_the_given_layout(layout: str) -> None:
    compute = choose_compute("cpu", "float32", layout)  # type: ignore[arg-type]
    assert f"{layout} (as requested)" in compute.why
    order = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    assert compute.arrange(torch.rand(2, 3, 4, 5)).is_contiguous(memory_format=order)
    network = compute.place(nn.Conv2d(3, 4, 3))
    assert next(network.parameters()).is_contiguous(memory_format=order)


def test_deterministic_algorithms_are_on_only_inside_the_block() -> None:
    compute = choose_compute("cpu", deterministic=True)
    with compute.torch_settings():
        assert torch.are_deterministic_algorithms_enabled()
    assert not torch.are_deterministic_algorithms_enabled()


def test_without_tf32_restores_the_settings_of_cudnn() -> None:
    cudnn = torch.backends.cudnn

    def set_now() -> tuple[bool, bool, bool]:
        return cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark

    before = set_now()
    with choose_compute("cpu").torch_settings(), without_tf32():
        assert set_now() == (False, True, False)
    assert set_now() == before


def test_without_tf32_holds_for_a_thread_until_the_thread_itself_leaves() -> None:
    cudnn = torch.backends.cudnn
    before = cudnn.allow_tf32
    first, second = without_tf32(), without_tf32()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not cudnn.allow_tf32
    second.__exit__(None, None, None)
    assert cudnn.allow_tf32 == before


@pytest.mark.parametrize("generation", ["default", "old", "new", "both"])
def test_without_tf32_computes_in_float32_whatever_the_program_allows_and_restores_that(generation: str) -> None:
    """torch has two generations of these settings, and reading an old one after a new one was set can be an error."""
    code = f"""
    import torch
    from zoo.device import without_tf32

    backends, generation = torch.backends, {generation!r}
    if generation in ("old", "both"):
        torch.set_float32_matmul_precision("medium")
        backends.cudnn.allow_tf32 = True
    if generation in ("new", "both"):
        backends.fp32_precision = "tf32"
        backends.cudnn.conv.fp32_precision = "tf32"
    kinds = (backends.cudnn.conv, backends.cudnn.rnn, backends.cuda.matmul)
    kinds += (backends.mkldnn.conv, backends.mkldnn.matmul)
    before = [kind.fp32_precision for kind in kinds]
    for _ in range(2):
        with without_tf32(), without_tf32():
            assert [kind.fp32_precision for kind in kinds] == ["ieee"] * len(kinds)
        assert [kind.fp32_precision for kind in kinds] == before
    if generation in ("default", "old"):
        with without_tf32():
            assert not backends.cudnn.allow_tf32
            assert torch.get_float32_matmul_precision() == "highest"
        assert backends.cudnn.allow_tf32
        assert torch.get_float32_matmul_precision() == ("medium" if generation == "old" else "highest")
    """
    done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_gpu_is_never_chosen_without_the_variable_for_deterministic_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """cuBLAS reads it once in a process, so it is set before anything is computed; a user's value is kept."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for given, kept in (("", ":4096:8"), (":16:8", ":16:8")):
        monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", given)
        choose_device()
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == kept


def test_a_deterministic_training_never_tries_out_algorithms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    with choose_compute("cpu", deterministic=True).torch_settings():
        assert not torch.backends.cudnn.benchmark
    assert torch.backends.cudnn.benchmark
