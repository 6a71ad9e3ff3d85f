from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hub.fake_hub import UPLOAD_WARNING, Hub
from tests.records import run_record
from zoo.bundle.bundle_files import CONFIG, WEIGHTS
from zoo.classifier.resolve import resolve
from zoo.errors import BundleError, HubError, UsageError
from zoo.hub import push
from zoo.hub.download_options import DownloadOptions
from zoo.runs import Run

REPO = "ada/tiny-breakhis"
Make = Callable[..., Any]
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return Run.create(run_record(), name="tiny", out=Path("runs/tiny-1"))


def test_a_bundle_folder_resolves_to_itself(bundle: Make) -> None:
    folder = bundle()
    assert resolve(folder) == folder
    assert resolve(str(folder)) == folder


def test_a_run_folder_resolves_to_its_bundle(run: Run, bundle: Make) -> None:
    bundle().rename(run.bundle)
    assert resolve("runs/tiny-1") == Path("runs/tiny-1/bundle")


@pytest.mark.parametrize("status", ["running", "interrupted", "failed"])
def test_a_run_without_a_bundle_is_refused_with_its_status(run: Run, status: str) -> None:
    run.finish(status)
    with pytest.raises(BundleError, match=rf"runs/tiny-1: this run has no bundle yet \(its status: {status}\)"):
        resolve("runs/tiny-1")


def test_an_interrupted_run_without_a_bundle_says_how_to_resume_it(run: Run) -> None:
    run.finish("interrupted")
    with pytest.raises(BundleError) as caught:
        resolve("runs/tiny-1")
    assert caught.value.hint == "resume the training: zoo train --resume runs/tiny-1"


def test_a_hub_id_resolves_to_its_newest_commit_or_a_given_revision(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    assert (resolve(REPO) / WEIGHTS).is_file()
    early = hub.repositories[REPO].head.oid
    push(bundle("later", seed=1), REPO)
    assert resolve(REPO, DownloadOptions(revision=early)).name == early
    assert resolve(REPO).name != early


def test_a_local_folder_takes_precedence_over_a_hub_id(
    hub: Hub, bundle: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bundle(REPO)
    assert resolve(REPO) == Path(REPO)
    assert hub.requests == []


def test_a_tilde_means_the_home_folder(bundle: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = bundle()
    assert resolve("~/bundle") == folder


def test_a_revision_of_a_local_folder_is_refused(bundle: Make) -> None:
    with pytest.raises(UsageError, match="a local folder has no revisions"):
        resolve(bundle(), DownloadOptions(revision="main"))


@pytest.mark.parametrize("missing", [CONFIG, WEIGHTS])
def test_an_incomplete_bundle_is_refused_and_names_the_missing_file(bundle: Make, missing: str) -> None:
    folder = bundle()
    (folder / missing).unlink()
    with pytest.raises(BundleError, match=f"this bundle has no {missing}"):
        resolve(folder)


def test_a_folder_of_runs_is_refused_and_lists_them(run: Run) -> None:
    Run.create(run_record(), name="tiny", out=Path("runs/tiny-2"))
    with pytest.raises(BundleError, match="contains several models") as caught:
        resolve("runs")
    assert "choose one: runs/tiny-1, runs/tiny-2" in str(caught.value)


def test_a_folder_of_one_run_is_refused_and_names_it(run: Run) -> None:
    with pytest.raises(BundleError, match="is not a model, but contains one") as caught:
        resolve("runs")
    assert str(caught.value).endswith("give runs/tiny-1")


def test_a_folder_that_is_neither_run_nor_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="neither a run nor a bundle") as caught:
        resolve(tmp_path)
    assert "run folder, a bundle folder, or a Hub id" in str(caught.value)


def test_a_file_is_refused_as_a_model(bundle: Make) -> None:
    with pytest.raises(BundleError, match="this is a file") as caught:
        resolve(bundle() / WEIGHTS)
    assert "run folder" in str(caught.value)


@pytest.mark.parametrize("text", ["./runs/none", "a/b/c", "nothing-like-this", "", "C:\\runs", "ada/"])
def test_text_that_is_neither_a_folder_nor_a_hub_id_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleError):
        resolve(text)


@pytest.mark.parametrize("text", ["~nobody-of-this-name/x", "x" * 5000])
def test_an_invalid_path_is_a_bundle_error(text: str) -> None:
    with pytest.raises(BundleError, match="cannot be read"):
        resolve(text)


def test_the_name_of_an_untrained_model_suggests_training_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleError, match="dala: this is the name of a model, not a trained model") as caught:
        resolve("dala")
    assert "zoo train dala" in str(caught.value)


def test_a_misspelt_run_that_could_be_a_hub_id_suggests_the_local_run(run: Run, hub: Hub) -> None:
    """The name could be a Hub id, so the Hub is asked first; the error then begins with the local run."""
    with pytest.raises(HubError, match="no such repository") as caught:
        resolve("runs/tiny-l")
    assert "runs/tiny-l: there is no local folder of that name (did you mean tiny-1?); on the Hub: " in str(
        caught.value
    )


def test_a_misspelt_path_suggests_a_run_in_the_same_folder(run: Run) -> None:
    with pytest.raises(BundleError, match="there is no such folder") as caught:
        resolve("./runs/tiny-l")
    assert "did you mean tiny-1?" in str(caught.value)
