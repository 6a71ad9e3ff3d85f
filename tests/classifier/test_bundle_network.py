from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from tests.classifier.changed_bundle import change_bundle
from zoo import create_model, from_pretrained
from zoo.bundle.bundle_files import CONFIG, WEIGHTS
from zoo.classifier import bundle_network
from zoo.errors import BundleError, UsageError, ZooError
from zoo.registry import TooManyParametersError, meta_network, registry
from zoo.spec import Architecture

Change = Callable[..., Path]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = create_model("resnet20", classes=["benign", "malignant"], options={"depth": 8})
    return made.save(tmp_path_factory.mktemp("saved") / "bundle")


@pytest.fixture
def changed(saved: Path, tmp_path: Path) -> Change:
    """The bundle with another config or other weights, whose checksum fits."""
    return partial(change_bundle, Path(shutil.copytree(saved, tmp_path / "bundle")))


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The networks for which memory was taken."""
    taken: list[str] = []
    build = bundle_network.build_network

    def built(architecture: Architecture, *args: Any, **options: Any) -> nn.Module:
        taken.append(architecture.name)
        return build(architecture, *args, **options)

    monkeypatch.setattr(bundle_network, "build_network", built)
    return taken


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"options": {"depth": 600_002}}, "option depth must be at least 8 and at most 1202, not 600002"),
        ({"options": {"depth": 10**400}}, "options.depth must be"),
        ({"options": {"depth": "deep"}}, "option depth must be a whole number, not 'deep'"),
        ({"options": {}}, "options of small_resnet are missing: depth"),
        ({"options": {"depth": 8, "width": 1}}, "unknown option of small_resnet 'width'"),
        (
            {"architecture": "cbam", "options": {"depth": 8, "reduction": 8, "kernel": 10**8}},
            "option kernel must be one of 3, 5, 7",
        ),
        ({"architecture": "cbam", "options": {"depth": 8, "reduction": 0, "kernel": 3}}, "option reduction must be at"),
        ({"options": {"depth": 1202}}, "the weights do not fit the architecture 'small_resnet'"),
        ({"architecture": "vgg16", "options": {}}, "the weights do not fit the architecture 'vgg16'"),
        ({"classes": [str(number) for number in range(100_000)]}, "at most 10,000 classes, not 100,000"),
        ({"classes": [str(number) for number in range(9_000)]}, "'fc.weight' has the shape 2x64, not 9000x64"),
    ],
)
def test_what_decides_the_size_of_a_network_is_checked_before_memory_is_taken(
    changed: Change, memory: list[str], config: dict[str, Any], said: str
) -> None:
    with pytest.raises(ZooError) as caught:
        from_pretrained(changed(**config))
    assert said in str(caught.value)
    assert memory == []


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"height": 0}, "preprocessing.height must be at least 1"),
        ({"height": 10**6}, "preprocessing.height must be at least 1 and at most 65,536"),
        ({"width": 10**18}, "preprocessing.width must be at least 1 and at most 65,536"),
        ({"height": 65_536, "width": 65_536}, "images of 65536x65536 are too large"),
        ({"height": 3000, "width": 3000}, "images of 3000x3000 are too large: an input has at most 4,194,304 pixels"),
    ],
)
def test_the_size_of_the_input_is_checked_before_memory_is_taken(
    changed: Change, saved: Path, memory: list[str], sizes: dict[str, int], said: str
) -> None:
    preprocessing = json.loads((saved / CONFIG).read_text())["preprocessing"]
    with pytest.raises(BundleError) as caught:
        from_pretrained(changed(preprocessing={**preprocessing, **sizes}))
    assert said in str(caught.value)
    assert memory == []


def test_an_image_size_that_the_architecture_cannot_take_is_refused(changed: Change, saved: Path) -> None:
    preprocessing = json.loads((saved / CONFIG).read_text())["preprocessing"]
    folder = changed(
        architecture="vit", options={"dropout": 0.1}, preprocessing={**preprocessing, "height": 17, "width": 16}
    )
    with pytest.raises(BundleError, match="height and width must be multiples of 16"):
        from_pretrained(folder)


def test_options_of_users_have_the_same_ranges() -> None:
    with pytest.raises(UsageError, match="option depth must be at least 8 and at most 1202, not 600002"):
        create_model("resnet20", options={"depth": 600_002})
    with pytest.raises(UsageError, match="option dropout must be at least 0 and at most 1, not 2"):
        create_model("dala", options={"dropout": 2})


@pytest.mark.parametrize("dtype", [torch.complex64, torch.float8_e5m2, torch.int64, torch.bool])
def test_weights_of_another_kind_of_number_are_refused(changed: Change, saved: Path, dtype: torch.dtype) -> None:
    tensors = load_file(saved / WEIGHTS)
    tensors["fc.weight"] = tensors["fc.weight"].to(dtype)
    with pytest.raises(BundleError, match=r"'fc\.weight' has numbers of the type"):
        from_pretrained(changed(tensors=tensors))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_of_another_precision_are_loaded(changed: Change, saved: Path, dtype: torch.dtype) -> None:
    tensors = {
        name: tensor.to(dtype) if tensor.is_floating_point() else tensor
        for name, tensor in load_file(saved / WEIGHTS).items()
    }
    loaded = from_pretrained(changed(tensors=tensors))
    assert all(parameter.dtype == torch.float32 for parameter in loaded.parameters())


def test_a_file_much_larger_than_the_network_is_refused_before_it_is_hashed(
    changed: Change, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = json.dumps({"fc.weight": {"dtype": "F32", "shape": [2**38], "data_offsets": [0, 2**40]}}).encode()
    folder = changed()
    (folder / WEIGHTS).write_bytes(len(header).to_bytes(8, "little") + header)
    os.truncate(folder / WEIGHTS, 8 + len(header) + 2**40)
    monkeypatch.setattr("zoo.bundle.weights_file.sha256", lambda _path: pytest.fail("the file was hashed"))
    with pytest.raises(BundleError, match=r"the file has 1\.1 TB, and the weights of the network have \d+ kB"):
        from_pretrained(folder)


def test_a_network_with_more_layers_than_weights_is_not_built_to_its_end() -> None:
    small, plugin = registry().architecture("small_resnet")
    with pytest.raises(TooManyParametersError):
        meta_network(small, 2, {"depth": 1202}, plugin=plugin, most_parameters=100)
    planned = meta_network(small, 2, {"depth": 8}, plugin=plugin, most_parameters=100)
    assert planned is not None
    assert {parameter.device.type for parameter in planned.parameters()} == {"meta"}


def test_networks_that_other_threads_build_do_not_count() -> None:
    small, plugin = registry().architecture("small_resnet")
    found: list[object] = []

    def build() -> None:
        found.append(small and create_model("resnet20", options={"depth": 56}))

    other = threading.Thread(target=build)
    other.start()
    assert meta_network(small, 2, {"depth": 8}, plugin=plugin, most_parameters=100) is not None
    other.join()
    assert len(found) == 1
