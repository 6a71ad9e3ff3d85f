"""A push or a pull that is killed at any request: the Hub and the cache have the old bundle or the new one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.hub.fake_hub import UPLOAD_WARNING, Hub
from tests.hub.faults import killed_at
from zoo.errors import CachedCopyWarning
from zoo.hub import pull, push

REPO = "ada/tiny-breakhis"
Make = Callable[..., Any]
pytestmark = [
    pytest.mark.filterwarnings(UPLOAD_WARNING),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
]
PUSH = {
    "info": ("GET", "/api/models/"),
    "create": ("POST", "/api/repos/create"),
    "card": ("POST", "/api/validate-yaml"),
    "preupload": ("POST", "/preupload/"),
    "batch": ("POST", "/objects/batch"),
    "upload": ("PUT", "/lfs/"),
    "commit": ("POST", "/commit/"),
}
PULL = {
    "info": ("GET", "/api/models/"),
    "config": ("HEAD", "/config.json"),
    "weights, asked": ("HEAD", "/model.safetensors"),
    "weights": ("GET", "/model.safetensors"),
    "golden": ("GET", "/golden.safetensors"),
}
FAST = ("upload", "commit", "golden")
"""The steps that are tried with the fast tests."""


def large_files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("*.safetensors")}


def large_on_hub(hub: Hub) -> dict[str, bytes]:
    files = hub.repositories[REPO].head.files if REPO in hub.repositories else {}
    return {name: data for name, data in files.items() if name.endswith(".safetensors")}


def steps(names: Iterable[str]) -> list[Any]:
    return [pytest.param(name, marks=[] if name in FAST else [pytest.mark.slow]) for name in names]


@pytest.mark.parametrize("step", steps(PUSH))
def test_a_push_killed_at_any_request_leaves_the_old_bundle_or_the_new_one_and_is_repeated(
    hub: Hub, bundle: Make, step: str
) -> None:
    old, new = bundle(), bundle("new", seed=1)
    if step != "create":
        push(old, REPO)
    killed_at(hub, *PUSH[step], lambda: push(new, REPO))
    assert large_on_hub(hub) in ({}, large_files(old), large_files(new))
    push(new, REPO)
    assert large_on_hub(hub) == large_files(new)
    assert len(hub.repositories[REPO].commits) == (2 if step == "create" else 3)


@pytest.mark.parametrize("step", steps(PULL))
def test_a_pull_killed_at_any_request_leaves_the_old_copy_and_is_repeated(hub: Hub, bundle: Make, step: str) -> None:
    push(bundle(), REPO)
    old = pull(REPO)
    push(new := bundle("new", seed=1), REPO)
    killed_at(hub, *PULL[step], lambda: pull(REPO))
    hub.fail("GET", "/api/models/", 500)
    with pytest.warns(CachedCopyWarning):
        assert pull(REPO) == old
    hub.faults.clear()
    assert large_files(pull(REPO)) == large_files(new)
