"""A push whose large files are sent with xet, as the Hub's client does by default."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hub.fake_hub import Hub
from zoo.errors import HubError
from zoo.hub import pull, push

pytest.importorskip("hf_xet", reason="needs xet")

REPO = "ada/tiny-breakhis"
Make = Callable[..., Any]
STEPS = {
    "token": ("GET", "/xet-write-token/"),
    "grant": ("POST", "/cas/v./xorb-grants/"),
    "chunks": ("POST", "/cas/v./xorbs/"),
    "files": ("POST", "/cas/v./shards"),
}


@pytest.fixture
def folder(hub: Hub, bundle: Make, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle to push with xet."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", False)
    monkeypatch.setattr("huggingface_hub.utils._xet._GLOBAL_XET_HOLDER._session", None)
    monkeypatch.setenv("HF_XET_CLIENT_RETRY_MAX_ATTEMPTS", "0")
    folder: Path = bundle()
    contents = [file.read_bytes() for file in folder.glob("*.safetensors")]
    hub.sent_with_xet = {hashlib.sha256(data).hexdigest(): data for data in contents}
    return folder


@pytest.mark.parametrize("step", [pytest.param(s, marks=[] if s == "chunks" else [pytest.mark.slow]) for s in STEPS])
def test_a_push_with_xet_that_is_not_answered_ends_and_is_repeated(
    hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    hub.stall(*STEPS[step])
    monkeypatch.setenv("ZOO_HUB_SILENCE", "1")
    with pytest.raises(HubError, match=r"storage of large files cannot be reached .* during the upload; nothing"):
        push(folder, REPO)
    hub.faults.clear()
    push(folder, REPO)
    assert hub.asked("PUT") == []
    assert {file.name: file.read_bytes() for file in pull(REPO).glob("*.safetensors")} == {
        file.name: file.read_bytes() for file in folder.glob("*.safetensors")
    }
