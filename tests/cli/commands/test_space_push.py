"""`zoo space push`, against a fake Hub on a real socket."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import zoo
from tests.hub.fake_hub import TOKEN, UPLOAD_WARNING, Hub, hub
from tests.installed_packages import Answer

__all__ = ["hub"]
SPACE = "ada/compare"
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    zoo.create_model("resnet20", classes=("benign", "malignant")).save(tmp_path / "fresh")
    return tmp_path / "fresh"


def test_nothing_is_uploaded_by_a_dry_run(hub: Hub, bundle: Path, run: Callable[..., Answer]) -> None:
    answer = run("space", "push", SPACE, str(bundle), "--dry-run")
    assert answer.status == 0, answer.err
    assert re.search(r"models/fresh/model\.safetensors +1\.\d+ MB", answer.out)
    assert re.search(r"models\.txt +\d+ bytes", answer.out)
    assert "nothing was uploaded" in answer.out
    assert not hub.repositories
    assert not hub.asked("^(POST|PUT)")


def test_a_dry_run_needs_no_login(
    hub: Hub, bundle: Path, run: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    answer = run("space", "push", SPACE, str(bundle), "--dry-run")
    assert answer.status == 0, answer.err
    assert "you are not logged in: a private Space of this name would not be seen" in answer.err
    assert "models/fresh/model.safetensors" in answer.out
    refused = run("space", "push", SPACE, str(bundle))
    assert refused.status == 1
    assert "not logged in to the Hub" in refused.err


def test_the_command_takes_a_token(
    hub: Hub, bundle: Path, run: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    answer = run("space", "push", SPACE, str(bundle), "--token", TOKEN)
    assert answer.status == 0, answer.err
    assert SPACE in "".join(map(str, hub.repositories))


def test_the_command_says_where_the_space_is(hub: Hub, bundle: Path, run: Callable[..., Answer]) -> None:
    answer = run("space", "push", SPACE, str(bundle))
    assert answer.status == 0, answer.err
    assert f"{hub.url}/spaces/{SPACE}" in answer.out
    assert run("space", "push", SPACE, str(bundle), "--json").json["url"] == f"{hub.url}/spaces/{SPACE}"
