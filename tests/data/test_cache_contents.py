from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.installed_packages import Answer
from zoo.data import Manifest
from zoo.data.cache import clear_cache, contents
from zoo.data.pixels.decoded_store_files import ABOUT, stores_folder
from zoo.data.pixels.prepare import prepare
from zoo.progress import Silent
from zoo.spec import Preprocessing

Command = Callable[..., Answer]


@pytest.fixture
def filled(few: Manifest, tmp_path: Path) -> Path:
    """A cache with two stores, one of them damaged, an unfinished one, a sample, and files that are not ours."""
    for size in (6, 7):
        prepare(few, Preprocessing(height=size, width=size), Silent())
    (next(path for path in stores_folder().iterdir() if path.is_dir()) / ABOUT).write_text("")
    (stores_folder() / ".0123.part").mkdir()
    (tmp_path / "cache" / "sample-1-0").mkdir()
    (tmp_path / "cache" / "sample-1-0" / "tile.png").write_bytes(bytes(1000))
    (tmp_path / "cache" / "fetched").mkdir()
    (tmp_path / "cache" / "fetched" / "breakhis.json").write_text("{}")
    (tmp_path / "cache" / "thesis.tex").write_text("somebody's, who set ZOO_CACHE to the wrong folder")
    return tmp_path / "cache"


def test_contents_lists_stores_samples_hashes_and_leftovers(filled: Path) -> None:
    kinds = [one.kind for one in contents()]
    assert sorted(kind for kind in kinds if "decoded" not in kind) == [
        "a damaged store",
        "being written, or left by an interrupted process",
        "sha256 of image files",
        "the synthetic sample",
    ]
    (store,) = (one for one in contents() if "decoded" in one.kind)
    assert store.kind in ("40 decoded images, 6x6", "40 decoded images, 7x7")
    assert store.bytes > 40 * 6 * 6 * 3


def test_clearing_the_cache_deletes_only_files_that_can_be_created_again(filled: Path) -> None:
    assert clear_cache() == []
    assert contents() == []
    left = {path.relative_to(filled).as_posix() for path in filled.rglob("*") if path.is_file()}
    assert {name for name in left if not name.endswith(".lock")} == {"fetched/breakhis.json", "thesis.tex"}


def test_clearing_the_cache_keeps_a_store_that_is_being_built(filled: Path) -> None:
    with FileLock(stores_folder() / "0123.lock"):
        assert clear_cache() == [".0123.part"]
    assert [one.name for one in contents()] == [".0123.part"]


def test_clearing_the_cache_keeps_a_sample_that_is_being_drawn(filled: Path) -> None:
    (filled / ".sample-1-7.part").mkdir()
    with FileLock(filled / "sample-1-7.lock"):
        assert clear_cache() == [".sample-1-7.part"]
    assert [one.name for one in contents()] == [".sample-1-7.part"]
    assert clear_cache() == []


def test_cache_command_lists_and_clears(filled: Path, command: Command) -> None:
    shown = command("cache")
    assert "a damaged store" in shown.out
    assert str(filled) in shown.out
    assert "deleted" not in shown.out
    assert len(command("cache", "--json").json["contents"]) == 5
    assert "deleted" in command("cache", "--clear").out
    assert command("cache", "--json").json["contents"] == []


def test_cache_command_reports_an_empty_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "none"))
    answer = command("cache", "--clear")
    assert (answer.status, answer.out.strip()) == (0, f"{tmp_path / 'none'}: 0 bytes, deleted")
    assert not (tmp_path / "none").exists()
