"""Several pushes and pulls at once, a full disk, and files for others."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.hub.fake_hub import UPLOAD_WARNING, Hub
from tests.hub.faults import full_disk
from zoo.errors import CachedCopyWarning, HubError
from zoo.hub import pull, push

REPO = "ada/tiny-breakhis"
Make = Callable[..., Any]
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


def large_files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("*.safetensors")}


def answer(work: Callable[[], object]) -> str:
    """Return what some work comes to."""
    try:
        return f"done: {work()}"
    except HubError as error:
        return error.message


@pytest.mark.parametrize("first", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_of_two_pushes_at_once_one_is_refused_and_can_be_repeated(hub: Hub, bundle: Make, first: bool) -> None:
    """Both have read the repository, and uploaded their files, before either commits."""
    bundles = [bundle("one", seed=1), bundle("two", seed=2)]
    if not first:
        push(bundle(), REPO)
    together = threading.Barrier(2)
    hub.act("POST", "/commit/", together.wait, times=2)
    if first:
        hub.act("POST", "/repos/create", threading.Barrier(2).wait, times=2)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda folder: answer(lambda: push(folder, REPO)), bundles))
    (lost,) = [number for number, said in enumerate(answers) if not said.startswith("done")]
    assert answers[lost] == "the repository was changed during the push; nothing was committed"
    head = hub.repositories[REPO].head.files
    assert {name: head[name] for name in large_files(bundles[0])} == large_files(bundles[1 - lost])
    push(bundles[lost], REPO)
    assert large_files(pull(REPO)) == large_files(bundles[lost])


def test_pulls_at_once_share_the_cache(hub: Hub, bundle: Make) -> None:
    push(folder := bundle(), REPO)
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: pull(REPO), range(4)))
    assert large_files(found.pop()) == large_files(folder)
    assert not found


def test_a_pull_on_a_full_disk_says_so_and_leaves_the_earlier_copy(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    earlier = pull(REPO)
    push(new := bundle("new", seed=1), REPO)
    with full_disk(hub), pytest.raises(HubError, match="cannot be saved to the cache") as caught:
        pull(REPO)
    assert "free some disk space" in str(caught.value.hint)
    hub.fail("GET", "/api/models/", 500)
    with pytest.warns(CachedCopyWarning):
        assert pull(REPO) == earlier
    hub.faults.clear()
    assert large_files(pull(REPO)) == large_files(new)


@pytest.mark.parametrize("mask", [0o027, pytest.param(0o002, marks=pytest.mark.slow)])
def test_what_a_pull_writes_can_be_used_by_others_as_far_as_the_umask_allows(
    hub: Hub, bundle: Make, tmp_path: Path, mask: int
) -> None:
    push(bundle(), REPO)
    home = tmp_path / "hf-home"
    before = os.umask(mask)
    try:
        pull(REPO, into=tmp_path / "deep" / "copy")
    finally:
        os.umask(before)
    shutil.rmtree(home / "hub" / ".locks")  # the client gives its locks a mode of its own
    written = [path for root in (home, tmp_path / "deep") for path in (root, *root.rglob("*"))]
    modes = {path: path.lstat().st_mode & 0o777 for path in written if not path.is_symlink()}
    wrong = {path: oct(mode) for path, mode in modes.items() if mode != (0o777 if path.is_dir() else 0o666) & ~mask}
    assert wrong == {}
