"""A push that is not answered: it ends, says what is on the Hub, and can be repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.bundles import write_uncalibrated
from tests.hub.fake_hub import UPLOAD_WARNING, Fault, Hub
from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_files import METRICS
from zoo.errors import HubError
from zoo.hub import pull, push

REPO = "ada/tiny-breakhis"
Make = Callable[..., Any]
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)

STEPS = {
    "create": ("POST", "/api/repos/create", "while the repository was created; it may have been created"),
    "validate": ("POST", "/api/validate-yaml", "while the model card was checked; nothing was committed"),
    "preupload": ("POST", "/preupload/", "before the upload; nothing was committed"),
    "batch": ("POST", "/objects/batch", "before the upload of large files; nothing was committed"),
    "upload": ("PUT", "/lfs/", "during the upload of a large file; nothing was committed"),
    "commit": ("POST", "/commit/", "during the commit; it may have landed, but it is not on the Hub yet"),
}
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "silence": ({"stall": 60.0}, "does not respond: nothing for [12] second"),
    "cut": ({"cut": 0}, r"closed the connection \(.*\)"),
    "server error": ({"status": 503}, r"server error \(status 503\)"),
    "rate limit": (
        {"status": 429, "headers": {"Retry-After": "7200"}},
        "too many requests to the Hub",
    ),
    "login page": (
        {"status": 200, "body": b"<html>", "headers": {"Content-Type": "text/html"}},
        "answers with a web page, not as the Hub does",
    ),
    "redirects": ({"status": 307}, "redirects in a circle|Too little data"),
    "other JSON": ({"status": 200, "body": b"{}"}, "is not one of the Hub"),
}


def state(hub: Hub) -> list[str]:
    return [commit.oid for commit in hub.repositories[REPO].commits] if REPO in hub.repositories else []


UNUSED = {("other JSON", "validate"), ("other JSON", "upload")}
"""The client does not use the body of these answers."""


def each_fault_at_each_step() -> Iterator[Any]:
    """All combinations; silence at every step, and some faults of the commit, are run with the fast tests."""
    for name in FAULTS:
        for step in STEPS:
            if (name, step) not in UNUSED:
                fast = name == "silence" or (step == "commit" and name in ("server error", "rate limit", "other JSON"))
                yield pytest.param(name, step, marks=[] if fast else [pytest.mark.slow])


@pytest.mark.parametrize(("name", "step"), list(each_fault_at_each_step()))
def test_a_push_without_an_answer_ends_with_what_is_on_the_hub_and_is_repeated(
    hub: Hub, bundle: Make, monkeypatch: pytest.MonkeyPatch, name: str, step: str
) -> None:
    method, path, told = STEPS[step]
    fault, message = FAULTS[name]
    if name == "rate limit":
        told = f"{told.partition(';')[0]}; nothing was committed; it asks to wait 2 hours"
    folder = bundle()
    if step != "create":
        hub.repository(REPO)
    before = state(hub)
    hub.faults.append(Fault(method, path, None, **fault))
    if name == "silence":
        monkeypatch.setenv("ZOO_HUB_SILENCE", "1")
    with pytest.raises(HubError, match=f"({message}).*{told}"):
        push(folder, REPO)
    assert state(hub) == before
    hub.faults.clear()
    push(folder, REPO)
    assert len(hub.repositories[REPO].commits) == 2


LOST: dict[str, dict[str, Any]] = {"silence": {"stall": 60.0}, "cut": {"cut": 0}, "server error": {"status": 504}}


@pytest.mark.parametrize("name", LOST)
def test_a_commit_whose_answer_is_lost_is_found_on_the_hub(
    hub: Hub, bundle: Make, listener: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    push(bundle(), REPO)
    later = bundle("later", seed=1)
    (later / METRICS).unlink()
    hub.faults.append(Fault("POST", "/commit/", None, done=True, **LOST[name]))
    if name == "silence":
        monkeypatch.setenv("ZOO_HUB_SILENCE", "1")
    address = push(later, REPO, progress=listener)
    assert len(hub.repositories[REPO].commits) == 3
    assert address == f"{hub.url}/{REPO}/commit/{hub.repositories[REPO].head.oid}"
    assert "during the commit, but the commit is on the Hub" in listener.heard[0]


def test_a_commit_that_is_lost_with_the_hub_may_have_landed_and_the_page_that_shows_it_is_named(
    hub: Hub, bundle: Make
) -> None:
    push(bundle(), REPO)
    later = bundle("later", seed=1)
    hub.faults.append(Fault("POST", "/commit/", None, act=lambda: hub.fail("GET", "", 503), done=True, cut=0))
    with pytest.raises(HubError, match=r"during the commit; it may have landed\n") as caught:
        push(later, REPO)
    assert f"look at {hub.url}/{REPO}/commits/main, then push again" in str(caught.value.hint)
    hub.faults.clear()
    assert push(later, REPO).endswith(hub.repositories[REPO].head.oid)
    assert len(hub.repositories[REPO].commits) == 3


def test_a_lost_commit_is_not_taken_for_that_of_somebody_else(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    later = bundle("later", seed=1)

    def commit() -> None:
        hub.repositories[REPO].commit("theirs", {"x.txt": b"x"})

    hub.faults.append(Fault("POST", "/commit/", 1, act=commit, cut=0))
    with pytest.raises(HubError, match="it may have landed, but someone else has changed the repository since"):
        push(later, REPO)
    assert hub.repositories[REPO].head.message == "theirs"


@pytest.fixture
def large_bundle(tmp_path: Path, config: BundleConfig) -> Path:
    """A bundle of 12 MB, more than the operating system buffers on its way."""
    tensors = {"w": torch.zeros(3_000_000)}
    write_uncalibrated(tmp_path / "large", config=config.to_json(), tensors=tensors, golden={}, seen=None)
    return tmp_path / "large"


@pytest.mark.slow
def test_an_upload_that_makes_progress_is_not_cut_off_however_long_it_takes(
    hub: Hub, large_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.faults.append(Fault("PUT", "/lfs/", None, sip=0.008))
    monkeypatch.setenv("ZOO_HUB_SILENCE", "0.5")
    push(large_bundle, REPO)
    assert len(hub.asked("PUT")) == 2


@pytest.mark.slow
def test_an_upload_that_is_not_taken_ends(hub: Hub, large_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.faults.append(Fault("PUT", "/lfs/", None, deaf=True))
    monkeypatch.setenv("ZOO_HUB_SILENCE", "1")
    with pytest.raises(
        HubError, match=r"does not respond: .* during the upload of a large file; nothing was committed"
    ):
        push(large_bundle, REPO)


def test_a_failed_first_push_leaves_an_empty_repository_that_a_private_push_makes_private(
    hub: Hub, bundle: Make, listener: Any
) -> None:
    folder = bundle()
    hub.fail("POST", "/commit/", 403, "Storage limit reached")
    with pytest.raises(HubError, match="Storage limit reached; the new repository is still empty"):
        push(folder, REPO)
    assert not hub.repositories[REPO].private
    hub.faults.clear()
    push(folder, REPO, private=True, progress=listener)
    assert hub.repositories[REPO].private
    assert hub.requests.index(f"PUT /api/models/{REPO}/settings") < hub.requests.index(
        f"POST /api/models/{REPO}/preupload/main", hub.requests.index(f"POST /api/models/{REPO}/commit/main")
    )
    assert "it is private now" in listener.heard[0]


def test_weights_are_not_sent_if_the_empty_repository_cannot_be_made_private(hub: Hub, bundle: Make) -> None:
    hub.repository(REPO)
    hub.fail("PUT", "/settings", 500)
    with pytest.raises(HubError, match="while the repository was made private; nothing was committed"):
        push(bundle(), REPO, private=True)
    assert hub.blobs == {}


@pytest.mark.parametrize("door", [lambda folder, name: push(folder, name), lambda _, name: pull(name)])
def test_a_name_without_an_owner_is_refused_before_any_request(
    hub: Hub, bundle: Make, door: Callable[[Path, str], object]
) -> None:
    with pytest.raises(HubError, match="has no owner") as caught:
        door(bundle(), "dala-breakhis")
    assert "you/dala-breakhis" in str(caught.value.hint)
    assert hub.requests == []
