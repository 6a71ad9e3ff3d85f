from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hub.double import UPLOAD_WARNING, Hub
from tests.records import run_record
from zoo.bundle.bundle_files import CONFIG, WEIGHTS
from zoo.classifier.resolve import resolve
from zoo.errors import BundleError, HubError, UsageError
from zoo.hub import push
from zoo.runs import Run

REPO = "ada/tiny-breakhis"
Make = Callable[..., Any]
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return Run.create(run_record(), name="tiny", out=Path("runs/tiny-1"))


def test_a_bundle(bundle: Make) -> None:
    folder = bundle()
    assert resolve(folder) == folder
    assert resolve(str(folder)) == folder


def test_a_run(run: Run, bundle: Make) -> None:
    bundle().rename(run.bundle)
    assert resolve("runs/tiny-1") == Path("runs/tiny-1/bundle")


@pytest.mark.parametrize("status", ["running", "interrupted", "failed"])
def test_a_run_without_a_bundle(run: Run, status: str) -> None:
    run.finish(status)
    with pytest.raises(BundleError, match=rf"runs/tiny-1: this run has no bundle yet \(its status: {status}\)"):
        resolve("runs/tiny-1")


def test_a_hub_id(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    assert (resolve(REPO) / WEIGHTS).is_file()
    early = hub.repositories[REPO].head.oid
    push(bundle("later", seed=1), REPO)
    assert resolve(REPO, revision=early).name == early
    assert resolve(REPO).name != early


def test_what_is_here_wins(hub: Hub, bundle: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bundle(REPO)
    assert resolve(REPO) == Path(REPO)
    assert hub.requests == []


def test_home_is_understood(bundle: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = bundle()
    assert resolve("~/bundle") == folder


def test_a_revision_of_a_folder(bundle: Make) -> None:
    with pytest.raises(UsageError, match="a revision belongs to a Hub id"):
        resolve(bundle(), revision="main")


@pytest.mark.parametrize("missing", [CONFIG, WEIGHTS])
def test_half_a_bundle(bundle: Make, missing: str) -> None:
    folder = bundle()
    (folder / missing).unlink()
    with pytest.raises(BundleError, match=f"this bundle lacks {missing}"):
        resolve(folder)


def test_a_folder_of_runs(run: Run) -> None:
    with pytest.raises(BundleError, match="holds several models") as caught:
        resolve("runs")
    assert "runs/tiny-1" in str(caught.value)


def test_some_other_folder(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="neither a run nor a bundle") as caught:
        resolve(tmp_path)
    assert "run folder, a bundle folder, or a Hub id" in str(caught.value)


def test_a_file(bundle: Make) -> None:
    with pytest.raises(BundleError, match="this is a file") as caught:
        resolve(bundle() / WEIGHTS)
    assert "run folder" in str(caught.value)


@pytest.mark.parametrize("text", ["./runs/none", "a/b/c", "nothing-like-this", "", "C:\\runs", "ada/"])
def test_nowhere(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleError):
        resolve(text)


@pytest.mark.parametrize("text", ["~nobody-of-this-name/x", "x" * 5000])
def test_paths_that_cannot_be(text: str) -> None:
    with pytest.raises(BundleError, match="cannot be read"):
        resolve(text)


def test_an_architecture_is_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleError, match="dala: this is an architecture's name, without weights") as caught:
        resolve("dala")
    assert "zoo train dala" in str(caught.value)


def test_a_misspelt_run(run: Run, hub: Hub) -> None:
    """It could be a Hub id, so the Hub is asked; the answer names the run that is near."""
    with pytest.raises(HubError, match="no such repository") as caught:
        resolve("runs/tiny-l")
    assert "no folder of that name here either: did you mean tiny-1?" in str(caught.value)


def test_a_misspelt_path(run: Run) -> None:
    with pytest.raises(BundleError, match="there is no such folder") as caught:
        resolve("./runs/tiny-l")
    assert "did you mean tiny-1?" in str(caught.value)
