"""A Hub that does not answer as the Hub: each fault is met by every door alike."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

import zoo
from tests.hub.fake_hub import UPLOAD_WARNING, Hub
from zoo.bundle.bundle_files import CONFIG, WEIGHTS
from zoo.errors import CachedCopyWarning, HubError
from zoo.hub import pull, push
from zoo.runs import Run

REPO = "ada/tiny-breakhis"
Make = Callable[..., Any]
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)
LOGIN = b"<html><title>Welcome to our network</title></html>"
INFO = "/api/models/"


@dataclass(frozen=True)
class Fault:
    """Something that keeps the Hub from answering, and what is said of it."""

    cause: Callable[[Hub], None]
    message: str
    silent: bool = False
    """Whether a limit of silence ends it."""
    slow: bool = False
    """Whether a limit of the whole time ends it."""


UNREACHABLE = {
    "server error": Fault(lambda hub: hub.fail("GET", INFO, 500), r"server error \(status 500\)"),
    "rate limit": Fault(
        lambda hub: hub.fail("GET", INFO, 429, headers={"Retry-After": "300"}),
        "too many requests to the Hub; it asks to wait 5 minutes",
    ),
    "silence": Fault(lambda hub: hub.stall("GET", INFO), "does not respond: nothing for 1 second", silent=True),
    "slow bytes": Fault(lambda hub: hub.drip("GET", INFO, seconds=0.02), "answers too slowly", slow=True),
    "login page": Fault(lambda hub: hub.serve("GET", "", LOGIN, "text/html; charset=utf-8"), "answers with a web page"),
    "refused with a web page": Fault(
        lambda hub: hub.fail("GET", "", 403, headers={"Content-Type": "text/html"}), "answers with a web page"
    ),
    "redirects": Fault(lambda hub: hub.redirect("GET", INFO), "redirects in a circle"),
    "cut connection": Fault(lambda hub: hub.cut(INFO, after=10), "closed the connection"),
    "not JSON": Fault(lambda hub: hub.serve("GET", INFO, b"OK", "text/plain"), "the answer is not one of the Hub"),
    "other JSON": Fault(
        lambda hub: hub.serve("GET", INFO, b"{}", "application/json"), "the answer is not one of the Hub"
    ),
    "a later error": Fault(lambda hub: hub.fail("HEAD", CONFIG, 500), r"server error \(status 500\)"),
    "a later silence": Fault(
        lambda hub: hub.stall("HEAD", WEIGHTS), "does not respond: nothing for 1 second", silent=True
    ),
}


@contextmanager
def impatient() -> Iterator[None]:
    """Make all limits of time short."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huggingface_hub.constants.HF_HUB_ETAG_TIMEOUT", 1.0)
        patch.setattr("huggingface_hub.constants.HF_HUB_DOWNLOAD_TIMEOUT", 1.0)
        patch.setenv("ZOO_HUB_SILENCE", "1")
        yield


@contextmanager
def broken(hub: Hub, fault: Fault) -> Iterator[None]:
    """Break the Hub for a block."""
    fault.cause(hub)
    with impatient() if fault.silent else nullcontext(), pytest.MonkeyPatch.context() as patch:
        if fault.slow:
            patch.setattr("zoo.hub.watched_client.WHOLE_ANSWER", 0.1)  # times 2 seconds
        yield
    hub.faults.clear()


SLOW = ("refused with a web page", "not JSON", "other JSON", "cut connection", "redirects", "a later error")


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] if n in SLOW else []) for n in UNREACHABLE])
def test_an_earlier_copy_is_used_with_a_warning_that_names_its_commit_and_day(
    hub: Hub, bundle: Make, tmp_path: Path, name: str
) -> None:
    push(bundle(), REPO)
    earlier, fault = pull(REPO), UNREACHABLE[name]
    push(bundle("later", seed=1), REPO)
    used = rf"; using the copy in the cache: commit {earlier.name[:8]}, downloaded on 20\d\d-\d\d-\d\d"
    with broken(hub, fault), pytest.warns(CachedCopyWarning, match=f"{fault.message}.*{used}"):
        assert pull(REPO) == earlier
    shutil.rmtree(tmp_path / "hf-home" / "hub")
    missing = f"{fault.message}.*, and the cache has no complete copy"
    with broken(hub, fault), pytest.raises(HubError, match=missing) as caught:
        pull(REPO)
    assert caught.value.where == REPO
    assert caught.value.hint
    assert pull(REPO).name == hub.repositories[REPO].head.oid


def test_the_warning_is_shown_each_time_unless_the_user_filters_it() -> None:
    program = (
        "import zoo.hub.hub_cache as cache; from zoo.errors import CachedCopyWarning\n"
        "for _ in range(3): cache.warnings.warn(CachedCopyWarning('an earlier copy'))"
    )
    for option, times in ((), 3), (("-W", "ignore"), 0):
        done = subprocess.run([sys.executable, *option, "-c", program], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("CachedCopyWarning: an earlier copy") == times


def test_an_earlier_copy_is_not_what_a_forced_download_asks_for(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    pull(REPO)
    hub.fail("GET", INFO, 500)
    with pytest.raises(HubError, match="server error"):
        pull(REPO, force_download=True)


DOORS: dict[str, list[str]] = {
    "predict": ["predict", REPO, "TILES/bright/00.png"],
    "predict --json": ["predict", REPO, "TILES/bright/00.png", "--json"],
    "explain": ["explain", REPO, "TILES/bright/00.png", "--out", "map.png"],
    "verify": ["verify", REPO],
    "pull": ["pull", REPO],
    "push": ["push", REPO, "ada/copy"],
    "train --init": ["train", "resnet20", "--init", REPO, "--data", "folder", "--root", "TILES", "--epochs", "1"],
    "evaluate": ["evaluate", REPO, "--data", "folder", "--root", "TILES"],
    "compare": ["compare", REPO, "RUN", "--data", "folder", "--root", "TILES", "--no-cost"],
    "export": ["export", REPO, "--out", "model.pt2"],
}
LONG = ("train --init", "evaluate", "compare", "export")


@pytest.mark.parametrize("door", [pytest.param(d, marks=[pytest.mark.slow] if d in LONG else []) for d in DOORS])
def test_every_command_says_on_standard_error_that_it_uses_an_earlier_copy(
    hub: Hub, trained: Run, tiles: Path, command: Make, door: str
) -> None:
    push(trained.bundle, REPO)
    pull(REPO)
    hub.fail("GET", f"{INFO}{REPO}", 500)
    words = [word.replace("TILES", str(tiles)).replace("RUN", str(trained.path)) for word in DOORS[door]]
    answer = command(*words)
    assert answer.status == 0, answer.err
    assert answer.err.count("warning: ada/tiny-breakhis: the Hub returned a server error") == 1
    assert "warning" not in answer.out


def test_the_library_and_the_demo_warn_that_they_use_an_earlier_copy(hub: Hub, trained: Run) -> None:
    from zoo_demo.models import load_models

    push(trained.bundle, REPO)
    pull(REPO)
    hub.fail("GET", INFO, 500)
    for load in (zoo.from_pretrained, lambda name: load_models([name], device=torch.device("cpu"))):
        with pytest.warns(CachedCopyWarning, match="using the copy in the cache"):
            load(REPO)


@pytest.mark.parametrize(
    ("proxy", "message"),
    [
        ("::bad", "the value of HTTP_PROXY is not the address of a proxy"),
        pytest.param("http://ada:secret@host:port", "HTTP_PROXY is not the address of a proxy", marks=pytest.mark.slow),
        pytest.param("htp://ada:secret@host", "HTTP_PROXY is not the address of a proxy", marks=pytest.mark.slow),
        pytest.param("http://[::1", "HTTP_PROXY is not the address of a proxy", marks=pytest.mark.slow),
        ("http://ada:secret@127.0.0.1:9", "cannot be reached"),
    ],
)
def test_a_proxy_that_is_no_address_is_named_by_its_variable_and_without_its_password(
    hub: Hub, bundle: Make, monkeypatch: pytest.MonkeyPatch, proxy: str, message: str
) -> None:
    from huggingface_hub import close_session

    push(bundle(), REPO)
    pull(REPO)
    close_session()
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.warns(CachedCopyWarning, match=message) as warned:
        pull(REPO)
    with pytest.raises(HubError, match=message) as caught:
        push(bundle("other", seed=1), "ada/other")
    assert "secret" not in f"{warned[0].message}{caught.value}"
