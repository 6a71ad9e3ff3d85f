"""What a push and a pull send, request by request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.hub.fake_hub import UPLOAD_WARNING, Hub
from zoo.hub import pull, push

REPO = "ada/tiny"
Make = Callable[..., Any]
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


def exchange(hub: Hub) -> list[str]:
    """The requests since the last call, with hashes and the repository's name shortened."""
    found = [re.sub(r"[0-9a-f]{40,64}", "HASH", request.replace(REPO, "REPO")) for request in hub.requests]
    hub.requests.clear()
    return found


def test_a_first_push_is_ten_requests_of_which_one_changes_the_branch(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO, tag="v1")
    assert exchange(hub) == [
        "GET /api/models/REPO",
        "POST /api/repos/create",
        "GET /api/models/REPO",
        "POST /api/validate-yaml",
        "POST /api/models/REPO/preupload/main",
        "POST /REPO.git/info/lfs/objects/batch",
        "PUT /lfs/HASH",
        "PUT /lfs/HASH",
        "POST /api/models/REPO/commit/main",
        "POST /api/models/REPO/tag/HASH",
    ]


def test_a_pull_asks_once_for_the_commit_and_then_for_each_file_of_it(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    exchange(hub)
    folder = pull(REPO)
    names = ["config.json", "model.safetensors", "README.md", "metrics.json", "golden.safetensors", "seen.json"]
    assert exchange(hub) == [
        "GET /api/models/REPO",
        *(f"{method} /REPO/resolve/HASH/{name}" for name in names for method in ("HEAD", "GET")),
    ]
    assert pull(REPO, revision=folder.name) == folder
    assert exchange(hub) == []
