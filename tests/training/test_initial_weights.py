"""Initial weights over a real local socket: from the Hub, and what happens where it is dead."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from tests.hub.double import Commit, Hub, hub, point_client
from tests.listening import Listener
from zoo import create_model, train
from zoo.config.plain import plain
from zoo.errors import BundleError, HubError, UsageError
from zoo.hub import hub_cache
from zoo.registry import Blueprint, registry
from zoo.spec import Pretrained
from zoo.training.initial_weights import load_initial_weights

__all__ = ["hub"]

REVISION = "5" * 40


@pytest.fixture
def public() -> dict[str, torch.Tensor]:
    """Somebody's trained weights."""
    torch.manual_seed(9)
    return create_model("resnet20").network.state_dict()


@pytest.fixture
def blueprint() -> Blueprint:
    """The small network, with weights that lie on the Hub."""
    bare = registry().model("resnet20")
    source = Pretrained(
        repo="ada/small", revision=REVISION, licence="mit", data="ImageNet-1k", load="zoo.nn:load_trunk"
    )
    return replace(bare, architecture=replace(bare.architecture, pretrained=(source,)))


@pytest.fixture
def served(hub: Hub, public: dict[str, torch.Tensor]) -> Hub:
    from tests.hub.double import Repository

    hub.repositories["ada/small"] = Repository("ada/small")
    hub.repositories["ada/small"].commits.append(Commit(REVISION, "weights", {"model.safetensors": save(public)}))
    return hub


@pytest.fixture(params=["refuses", "accepts and never answers"])
def dead(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], float]]:
    """A Hub that is not there; calling it gives the seconds since it was set up."""
    patience = time.sleep
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    if request.param == "refuses":
        listening.close()
    else:
        listening.listen(16)
    point_client(monkeypatch, address, tmp_path / "hf-home")
    monkeypatch.setattr("time.sleep", patience)  # retries must cost what they cost
    monkeypatch.setattr(hub_cache, "ANSWER_TIMEOUT", 1.0)
    began = time.monotonic()
    yield lambda: time.monotonic() - began
    listening.close()


def _start(blueprint: Blueprint, how: str, progress: Listener) -> tuple[torch.nn.Module, Any]:
    torch.manual_seed(0)
    network = blueprint.build(2)
    return network, load_initial_weights(network, blueprint, how, progress)  # type: ignore[arg-type]


@pytest.mark.parametrize("how", ["auto", "imagenet"])
def test_weights_come_from_the_pinned_revision_and_that_is_recorded(
    served: Hub, blueprint: Blueprint, public: dict[str, torch.Tensor], listener: Listener, how: str
) -> None:
    network, start = _start(blueprint, how, listener)
    assert all(torch.equal(tensor, public[name]) for name, tensor in network.state_dict().items())
    assert plain(start) == {
        "asked": how,
        "used": "ImageNet-1k",
        "repo": "ada/small",
        "revision": REVISION,
        "licence": "mit",
        "note": None,
    }


def test_what_was_fetched_once_needs_no_hub(
    served: Hub, blueprint: Blueprint, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    _start(blueprint, "imagenet", listener)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert _start(blueprint, "imagenet", listener)[1].used == "ImageNet-1k"


def test_scratch_never_asks(blueprint: Blueprint, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.training.initial_weights.fetch_file", lambda *_, **__: pytest.fail("asked"))
    start = _start(blueprint, "scratch", listener)[1]
    assert (start.used, start.note) == ("scratch", None)
    assert listener.heard == []


def test_auto_goes_on_without_a_hub_says_so_in_one_line_and_records_it(
    dead: Callable[[], float], blueprint: Blueprint, listener: Listener, capfd: pytest.CaptureFixture[str]
) -> None:
    network, start = _start(blueprint, "auto", listener)
    assert dead() < 10
    assert (start.asked, start.used, start.repo) == ("auto", "scratch", None)
    assert start.note.startswith("pretrained weights could not be downloaded (")
    assert listener.heard == [f"{start.note}: training from scratch"]
    assert "\n" not in listener.heard[0]
    assert capfd.readouterr() == ("", ""), "the Hub's client has nothing to add"
    torch.manual_seed(0)
    fresh = blueprint.build(2).state_dict()
    assert all(torch.equal(tensor, fresh[name]) for name, tensor in network.state_dict().items())


def test_imagenet_fails_without_a_hub(dead: Callable[[], float], blueprint: Blueprint, listener: Listener) -> None:
    with pytest.raises(HubError):
        _start(blueprint, "imagenet", listener)
    assert dead() < 10


def test_a_hub_that_is_switched_off_is_not_waited_for(
    blueprint: Blueprint, listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    start = _start(blueprint, "auto", listener)[1]
    assert "HF_HUB_OFFLINE" in start.note


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_hub_that_refuses_is_asked_once(
    served: Hub, blueprint: Blueprint, listener: Listener, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    served.fail("HEAD", "small", status=status, times=None)
    start = _start(blueprint, "auto", listener)[1]
    assert start.used == "scratch"
    assert len(listener.heard) == 1
    assert capfd.readouterr() == ("", "")
    with pytest.raises(HubError):
        _start(blueprint, "imagenet", listener)


def test_a_file_that_is_not_the_published_one_is_not_loaded(
    served: Hub, blueprint: Blueprint, listener: Listener
) -> None:
    (source,) = blueprint.architecture.pretrained
    other = replace(source, sha256="0" * 64)
    blueprint = replace(blueprint, architecture=replace(blueprint.architecture, pretrained=(other,)))
    start = _start(blueprint, "auto", listener)[1]
    assert start.used == "scratch"
    assert "sha256 differs" in start.note
    with pytest.raises(HubError, match="sha256 differs"):
        _start(blueprint, "imagenet", listener)


def test_a_damaged_file_is_not_loaded(served: Hub, blueprint: Blueprint, listener: Listener) -> None:
    served.repositories["ada/small"].commits[0].files["model.safetensors"] = b"not safetensors"
    assert _start(blueprint, "auto", listener)[1].used == "scratch"
    with pytest.raises(BundleError, match="cannot be read"):
        _start(blueprint, "imagenet", listener)


def test_weights_of_another_network_are_an_error_and_no_reason_to_begin_from_scratch(
    served: Hub, blueprint: Blueprint, public: dict[str, torch.Tensor], listener: Listener
) -> None:
    del public["fc.bias"]
    served.repositories["ada/small"].commits[0].files["model.safetensors"] = save(public)
    with pytest.raises(BundleError, match="these weights are not for SmallResNet"):
        _start(blueprint, "auto", listener)


def test_a_network_without_public_weights_says_so(listener: Listener) -> None:
    start = _start(registry().model("resnet20"), "auto", listener)[1]
    assert start.note == "there are no pretrained weights for resnet20"
    with pytest.raises(UsageError, match="use --init auto or --init scratch"):
        train("resnet20", init="imagenet")


def test_a_run_that_began_from_scratch_says_so_everywhere(
    blueprint: Blueprint, quick: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    """The line, run.yaml, config.json and the card."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    plugin = registry().plugins.owner("small_resnet")
    monkeypatch.setitem(plugin.models, "small_resnet", blueprint.architecture)
    run = train("resnet20", progress=listener, **{**quick, "epochs": 1})
    note = run.record.initial_weights.note
    assert "HF_HUB_OFFLINE" in note
    assert f"{note}: training from scratch" in listener.heard
    assert note in (run.bundle / "config.json").read_text()
    assert "scratch" in (run.bundle / "README.md").read_text()
