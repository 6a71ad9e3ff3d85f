from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.hub.fake_hub import UPLOAD_WARNING, Hub
from zoo.bundle.bundle_files import CONFIG, GOLDEN, METRICS, SEEN, WEIGHTS
from zoo.bundle.weights_file import read_weights
from zoo.errors import BundleError, CachedCopyWarning, HubError
from zoo.hub import pull, push

REPO = "ada/tiny-breakhis"
Make = Callable[..., Any]
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


@pytest.fixture
def pushed(hub: Hub, bundle: Make) -> Path:
    """A bundle that is on the Hub too, byte for byte."""
    folder: Path = bundle()
    push(folder, REPO)
    (folder / "README.md").write_bytes(hub.repositories[REPO].head.files["README.md"])  # it names the repository
    return folder


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def forget(tmp_path: Path) -> None:
    """Empty the cache, as on another machine. (The push has read the repository through it.)"""
    shutil.rmtree(tmp_path / "hf-home" / "hub", ignore_errors=True)


def commits(hub: Hub) -> list[str]:
    return [commit.oid for commit in hub.repositories[REPO].commits]


def weights_at(hub: Hub, damage: Callable[[bytes], bytes]) -> None:
    """Put other weights on the Hub under the same config."""
    repository = hub.repositories[REPO]
    repository.commit("damage", {WEIGHTS: damage(repository.head.files[WEIGHTS])})


def test_a_pulled_bundle_equals_the_pushed_one_byte_for_byte(hub: Hub, pushed: Path) -> None:
    assert bytes_of(pull(REPO)) == bytes_of(pushed)


def test_pull_downloads_only_the_files_of_a_bundle(hub: Hub, pushed: Path) -> None:
    hub.repositories[REPO].commit("more", {"huge.bin": b"x" * 100, "run.py": b"import os"})
    assert bytes_of(pull(REPO)) == bytes_of(pushed)
    assert hub.asked(r"huge\.bin|run\.py") == []


def test_pull_into_a_new_folder_makes_its_parents_and_plain_files(hub: Hub, pushed: Path, tmp_path: Path) -> None:
    into = tmp_path / "deep" / "copy"
    assert pull(REPO, into=into) == into
    assert bytes_of(into) == bytes_of(pushed)
    assert not any(file.is_symlink() for file in into.iterdir())
    assert [path.name for path in into.parent.iterdir()] == ["copy"]


def test_every_pulled_file_can_be_read_by_others_as_far_as_the_umask_allows(
    hub: Hub, pushed: Path, tmp_path: Path
) -> None:
    before = os.umask(0o022)
    try:
        folder = pull(REPO, into=tmp_path / "copy")
    finally:
        os.umask(before)
    assert {oct(file.stat().st_mode & 0o777) for file in folder.iterdir()} == {"0o644"}


def test_pull_into_an_empty_folder_fills_it(hub: Hub, pushed: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    assert bytes_of(pull(REPO, into=tmp_path / "copy")) == bytes_of(pushed)


def test_pull_refuses_to_overwrite_a_file_or_a_folder(hub: Hub, pushed: Path, tmp_path: Path) -> None:
    hub.requests.clear()
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "thesis.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for taken in ("copy", "file"):
        with pytest.raises(BundleError, match="already exists; nothing is overwritten"):
            pull(REPO, into=tmp_path / taken)
    assert bytes_of(tmp_path / "copy") == {"thesis.txt": b"mine"}
    assert hub.requests == []


def test_of_several_pulls_into_a_folder_at_once_one_makes_it_and_the_others_say_that_it_exists(
    hub: Hub, pushed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull(REPO)
    together = threading.Barrier(3)
    copyfile = shutil.copyfile

    def copy(source: Path, target: Path) -> Path:
        if source.name == GOLDEN:
            together.wait()
        return copyfile(source, target)

    def attempt(_: int) -> str:
        try:
            return str(pull(REPO, into=tmp_path / "copy"))
        except BundleError as error:
            return error.message

    monkeypatch.setattr("shutil.copyfile", copy)
    with ThreadPoolExecutor(3) as pool:
        answers = sorted(pool.map(attempt, range(3)))
    assert answers == [str(tmp_path / "copy"), *["already exists; nothing is overwritten"] * 2]
    assert bytes_of(tmp_path / "copy") == bytes_of(pushed)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_pull_below_a_file_is_a_clear_error(hub: Hub, pushed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BundleError, match="cannot be written: Not a directory"):
        pull(REPO, into=tmp_path / "file" / "below")


def test_pull_on_a_full_disk_leaves_no_partial_folder(
    hub: Hub, pushed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull(REPO)
    copyfile = shutil.copyfile

    def filling(source: Path, target: Path) -> Path:
        if source.name == GOLDEN:
            raise OSError(errno.ENOSPC, "No space left on device")
        return copyfile(source, target)

    monkeypatch.setattr("shutil.copyfile", filling)
    with pytest.raises(BundleError, match="cannot be written: No space left on device"):
        pull(REPO, into=tmp_path / "deep" / "copy")
    assert list((tmp_path / "deep").iterdir()) == []


def test_a_second_pull_downloads_nothing(hub: Hub, pushed: Path) -> None:
    first = pull(REPO)
    hub.requests.clear()
    assert pull(REPO) == first
    assert hub.asked("GET .*/resolve/") == []


def test_pull_accepts_a_bundle_without_metrics_and_golden_tensors(hub: Hub, bundle: Make) -> None:
    folder = bundle(report=False)
    (folder / GOLDEN).unlink()
    (folder / SEEN).unlink()
    push(folder, REPO)
    assert set(bytes_of(pull(REPO))) == {CONFIG, WEIGHTS, "README.md"}


def test_pull_of_an_earlier_revision_gives_its_files(hub: Hub, pushed: Path, bundle: Make) -> None:
    early = commits(hub)[-1]
    push(bundle("later", seed=1), REPO)
    assert bytes_of(pull(REPO, revision=early)) == bytes_of(pushed)
    assert bytes_of(pull(REPO)) != bytes_of(pushed)


def test_a_cached_commit_is_pulled_without_network(hub: Hub, pushed: Path) -> None:
    folder = pull(REPO)
    hub.requests.clear()
    assert pull(REPO, revision=commits(hub)[-1]) == folder
    assert hub.requests == []


def test_a_cached_commit_without_its_record_of_seen_images_is_completed(hub: Hub, pushed: Path) -> None:
    folder = pull(REPO)
    (folder / SEEN).unlink()
    assert (pull(REPO, revision=commits(hub)[-1]) / SEEN).is_file()


def test_an_unknown_revision_is_named_with_the_page_that_lists_them(hub: Hub, pushed: Path) -> None:
    with pytest.raises(HubError, match="no revision 'v9'") as caught:
        pull(REPO, revision="v9")
    assert f"{REPO}/tree/main" in str(caught.value)


def test_a_missing_repository_suggests_logging_in(hub: Hub) -> None:
    with pytest.raises(HubError, match="ada/nothing: the Hub has no such repository, or it is private") as caught:
        pull("ada/nothing")
    assert "hf auth login" in str(caught.value)


def test_a_private_repository_needs_a_token(
    hub: Hub, bundle: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    push(bundle(), REPO, private=True)
    forget(tmp_path)
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(HubError, match="or it is private"):
        pull(REPO)
    assert (pull(REPO, token="hf_ada") / WEIGHTS).is_file()


def test_a_gated_repository_error_links_to_its_page(hub: Hub, pushed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.repositories[REPO].gated = True
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(HubError, match="access must be requested") as caught:
        pull(REPO)
    assert f"{hub.url}/{REPO}" in str(caught.value)


def test_pull_with_a_stale_token_says_that_it_was_rejected(hub: Hub, pushed: Path) -> None:
    with pytest.raises(HubError, match="rejected the token"):
        pull(REPO, token="hf_stale")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pytorch_model.bin": b"pickle"}, "has no config.json, so it is not a histozoo model"),
        ({CONFIG: b'{"model_type": "bert"}', WEIGHTS: b"x"}, "was not written by histozoo"),
        ({CONFIG: b"<html>", WEIGHTS: b"x"}, "config.json cannot be read"),
        ({CONFIG: b'{"library": "histozoo", "format": 99}', WEIGHTS: b"x"}, "this version of histozoo reads format 1"),
        ({CONFIG: b'{"library": "histozoo", "format": 1}'}, "has no model.safetensors"),
    ],
)
def test_a_repository_without_a_bundle_is_refused_before_weights_are_downloaded(
    hub: Hub, files: dict[str, bytes], expected: str
) -> None:
    hub.repository(REPO).commit("theirs", dict(files))
    with pytest.raises(BundleError, match=expected) as caught:
        pull(REPO)
    assert caught.value.where == REPO
    assert hub.asked(f"GET .*{WEIGHTS}") == []


@pytest.mark.parametrize("damage", [lambda data: data[:-1] + b"!", lambda data: data[:99], lambda data: b""])
def test_weights_damaged_on_the_hub_are_refused(
    hub: Hub, pushed: Path, damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    weights_at(hub, damage)
    with pytest.raises(BundleError, match="its sha256 differs, on the Hub too") as caught:
        pull(REPO, into=tmp_path / "copy")
    assert caught.value.where == REPO
    assert not (tmp_path / "copy").exists()


def test_weights_damaged_in_the_cache_are_downloaded_again(hub: Hub, pushed: Path) -> None:
    weights = (pull(REPO) / WEIGHTS).resolve()
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    assert read_weights(pull(REPO))
    assert bytes_of(pull(REPO)) == bytes_of(pushed)


def test_weights_damaged_in_the_cache_are_not_used_offline(
    hub: Hub, pushed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = (pull(REPO) / WEIGHTS).resolve()
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="the cache has no complete copy"):
        pull(REPO)


def test_an_interrupted_pull_is_resumed(hub: Hub, pushed: Path) -> None:
    hub.cut(rf"/resolve/.*/{WEIGHTS}", after=5000, times=2)
    assert bytes_of(pull(REPO)) == bytes_of(pushed)
    assert len(hub.asked(f"GET .*{WEIGHTS}")) == 3


def test_a_pull_that_is_always_interrupted_fails_and_leaves_no_folder(hub: Hub, pushed: Path, tmp_path: Path) -> None:
    hub.cut(rf"/resolve/.*/{WEIGHTS}", after=0)
    with pytest.raises(HubError, match=r"closed the connection .*the cache has no complete copy"):
        pull(REPO, into=tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    hub.faults.clear()
    assert bytes_of(pull(REPO, into=tmp_path / "copy")) == bytes_of(pushed)


def test_a_stalled_pull_times_out(hub: Hub, pushed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DOWNLOAD_TIMEOUT", 0.1)
    hub.stall("GET", rf"/resolve/.*/{WEIGHTS}")
    with pytest.raises(HubError, match="does not respond"):
        pull(REPO)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_the_cached_copy_is_used_when_the_hub_has_a_server_error(hub: Hub, pushed: Path, status: int) -> None:
    before = pull(REPO)
    hub.fail("GET", "/api/models/", status)
    with pytest.warns(CachedCopyWarning, match=rf"\(status {status}\); using the copy in the cache: commit "):
        assert pull(REPO) == before


def test_a_server_error_without_a_cached_copy_says_try_again_later(hub: Hub, pushed: Path) -> None:
    hub.fail("GET", "/api/models/", 500)
    with pytest.raises(HubError, match=r"\(status 500\), and the cache has no complete copy") as caught:
        pull(REPO)
    assert "try again later" in str(caught.value)


@pytest.fixture
def unplugged(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A function that makes the Hub unreachable."""

    def pull_the_plug() -> None:
        nowhere = "http://127.0.0.1:9"
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", nowhere)
        template = nowhere + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)

    return pull_the_plug


def test_the_cached_copy_is_used_without_network(
    hub: Hub, pushed: Path, unplugged: Callable[[], None], tmp_path: Path
) -> None:
    pull(REPO)
    unplugged()
    with pytest.warns(CachedCopyWarning, match="cannot be reached"):
        assert bytes_of(pull(REPO, into=tmp_path / "copy")) == bytes_of(pushed)


def test_pull_without_network_and_without_a_cached_copy_says_check_the_network(
    hub: Hub, pushed: Path, unplugged: Callable[[], None]
) -> None:
    unplugged()
    with pytest.raises(HubError, match=r"http://127\.0\.0\.1:9 cannot be reached .*no complete copy") as caught:
        pull(REPO)
    assert "check the network" in str(caught.value)


def test_an_incomplete_cached_copy_is_not_used_offline(hub: Hub, pushed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (pull(REPO) / WEIGHTS).unlink()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="no complete copy"):
        pull(REPO)


def test_pull_sends_no_request_when_the_client_is_set_to_offline(
    hub: Hub, pushed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pull(REPO)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    hub.requests.clear()
    with pytest.warns(CachedCopyWarning, match="HF_HUB_OFFLINE is set"):
        assert pull(REPO) == before
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set, and the cache has no complete copy"):
        pull("ada/other")
    assert hub.requests == []


def test_pull_from_a_server_that_never_answers_times_out(
    hub: Hub, pushed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_ETAG_TIMEOUT", 0.1)
    hub.stall("GET", "/api/models/")
    with pytest.raises(HubError, match="does not respond"):
        pull(REPO)


def test_pull_into_a_cache_that_cannot_be_written_suggests_another_cache_folder(
    hub: Hub, pushed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "file" / "hub"))
    with pytest.raises(HubError, match="cannot be saved to the cache") as caught:
        pull(REPO)
    assert "HF_HOME" in str(caught.value)


def test_a_push_during_a_pull_does_not_mix_two_commits(hub: Hub, pushed: Path, bundle: Make) -> None:
    """The config of one commit is never used with the weights of the next."""
    later = bundle("later", seed=1)
    files = {name: (later / name).read_bytes() for name in (CONFIG, WEIGHTS, GOLDEN, METRICS)}
    repository = hub.repositories[REPO]
    early = repository.at

    def moving(revision: str) -> Any:
        found = early(revision)
        if len(hub.asked(f"GET .*/resolve/.*{CONFIG}")) == 1 and len(repository.commits) == 2:
            repository.commit("theirs", dict(files))
        return found

    repository.at = moving  # type: ignore[method-assign]
    assert bytes_of(pull(REPO)) == bytes_of(pushed)
    assert len(repository.commits) == 3


def test_pull_refuses_an_invalid_repository_name(hub: Hub) -> None:
    with pytest.raises(HubError, match="not a valid repository name"):
        pull("no such name")
