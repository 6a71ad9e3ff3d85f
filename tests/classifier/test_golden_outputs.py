from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from zoo import create_model
from zoo.bundle.bundle_files import GOLDEN
from zoo.classifier.golden_outputs import Golden, largest_allowed
from zoo.classifier.verdict import verify

Tensors = dict[str, Tensor]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    made = create_model("resnet20", classes=["benign", "malignant"], options={"depth": 8})
    return made.save(tmp_path_factory.mktemp("saved") / "bundle")


@pytest.fixture
def bundle(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "bundle"))


def test_a_bundle_as_it_was_saved_is_verified(bundle: Path) -> None:
    verdict = verify(bundle)
    assert verdict.passed
    assert verdict.largest_difference is not None
    assert verdict.largest_difference < 1e-5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: {**t, "logits": torch.full_like(t["logits"], torch.inf)}, "logits has a number that is NaN or inf"),
        (lambda t: {**t, "logits": torch.full_like(t["logits"], torch.nan)}, "logits has a number that is NaN or inf"),
        (lambda t: {**t, "input": torch.full_like(t["input"], -torch.inf)}, "input has a number that is NaN or inf"),
        (lambda t: {"input": t["input"]}, "it has no tensor 'logits'"),
        (lambda t: {"logits": t["logits"]}, "it has no tensor 'input'"),
        (lambda t: {**t, "more": t["logits"].clone()}, "it has a tensor 'more'"),
        (lambda t: {**t, "input": torch.zeros(1, 3, 3000, 3000, dtype=torch.float16)}, "are too large"),
        (lambda t: {**t, "input": torch.zeros(100, 3, 64, 64, dtype=torch.float16)}, "are too large"),
        (lambda t: {**t, "input": torch.zeros(2, 3, 32, 32)}, "are not of this model's shapes"),
        (lambda t: {**t, "input": torch.zeros(0, 3, 64, 64)}, r"input is 'F32' of shape \(0, 3, 64, 64\)"),
        (lambda t: {**t, "input": t["input"].to(torch.complex64)}, "input is 'C64'"),
        (lambda t: {**t, "logits": t["logits"].long()}, "logits is 'I64'"),
        (
            lambda t: {**t, "logits": t["logits"] + 1},
            "its sha256 differs, and this model's outputs differ from those saved",
        ),
    ],
)
def test_a_golden_file_of_anybody_is_one_error(bundle: Path, change: Callable[[Tensors], Tensors], said: str) -> None:
    save_file(change(load_file(bundle / GOLDEN)), bundle / GOLDEN)
    check = verify(bundle).checks[-1]
    assert not check.passed
    assert re.search(said, check.found)


def test_a_pipe_in_the_place_of_the_golden_file_is_one_error(bundle: Path) -> None:
    (bundle / GOLDEN).unlink()
    os.mkfifo(bundle / GOLDEN)
    check = verify(bundle).checks[-1]
    assert not check.passed
    assert "golden.safetensors is a pipe" in check.found


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_a_golden_file_of_another_precision_is_verified(bundle: Path, dtype: torch.dtype) -> None:
    save_file({name: tensor.to(dtype) for name, tensor in load_file(bundle / GOLDEN).items()}, bundle / GOLDEN)
    assert verify(bundle).checks[-1].passed


def test_zoo_verify_of_a_damaged_golden_file_fails_with_one_json_document(
    bundle: Path, command: Callable[..., Any]
) -> None:
    tensors = load_file(bundle / GOLDEN)
    save_file({**tensors, "logits": torch.full_like(tensors["logits"], torch.inf)}, bundle / GOLDEN)
    answer = command("verify", bundle, "--json")
    document = json.loads(answer.out)
    assert (answer.status, answer.err, document["passed"], document["largest_difference"]) == (1, "", False, None)
    assert document["checks"][-1]["found"].startswith("golden.safetensors is damaged: logits has a number")


def test_zoo_verify_of_a_sound_bundle_prints_one_json_document(bundle: Path, command: Callable[..., Any]) -> None:
    answer = command("verify", bundle, "--json")
    assert json.loads(answer.out)["largest_difference"] < 1e-5


def test_the_difference_allowed_grows_with_the_largest_logit() -> None:
    for largest, allowed in ((0.5, 0.001), (20.0, 0.02)):
        golden = Golden(input=torch.zeros(1, 3, 8, 8), logits=torch.tensor([[0.0, -largest]]))
        assert largest_allowed(golden, "float32") == pytest.approx(allowed)
