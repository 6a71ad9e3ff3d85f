from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from pathlib import Path

import pytest

import zoo.data.file_hashes as room
from zoo.data.file_hashes import digests, digests_with_states, state_of


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files old enough for their hashes to be cached, and an empty cache."""
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    paths = [tmp_path / f"{number}" for number in range(30)]
    for path in paths:
        path.write_text(path.name)
    time.sleep(0.1)
    return paths


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every path that is hashed during the test."""
    found: list[Path] = []
    right = room._hash

    def heard(path: Path) -> bytes | None:
        found.append(path)
        return right(path)

    monkeypatch.setattr(room, "_hash", heard)
    return found


def _of(paths: list[Path]) -> list[bytes | None]:
    return digests(len(paths), paths.__getitem__)


def _right(paths: list[Path]) -> list[bytes]:
    return [hashlib.sha256(path.read_bytes()).digest() for path in paths]


def test_unchanged_file_is_hashed_once(files: list[Path], hashed: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BLOCK", 7)
    assert _of(files) == _right(files)
    assert sorted(hashed) == sorted(files)
    assert _of(files[::-1]) == _right(files[::-1])
    assert len(hashed) == len(files)


def test_rewritten_file_is_hashed_again(files: list[Path], hashed: list[Path]) -> None:
    _of(files)
    files[3].write_text("x")
    assert _of(files) == _right(files)
    assert hashed.count(files[3]) == 2
    assert len(hashed) == len(files) + 1


def test_file_changed_with_the_same_size_and_write_time_is_hashed_again(files: list[Path]) -> None:
    """As after `cp --preserve`, or a tool that sets the time back."""
    before = files[3].stat()
    _of(files)
    files[3].write_text("x")
    os.utime(files[3], ns=(before.st_atime_ns, before.st_mtime_ns))
    assert files[3].stat().st_size == before.st_size
    assert _of(files) == _right(files)


def test_hash_of_a_file_that_has_just_changed_is_not_cached(files: list[Path], hashed: list[Path]) -> None:
    """Its next change could fall into the same tick of the clock."""
    files[3].write_text("x")
    _of(files)
    time.sleep(0.1)
    _of(files)
    assert hashed.count(files[3]) == 2


def test_digest_is_returned_with_the_state_of_the_file_unless_it_has_just_changed(files: list[Path]) -> None:
    for _ in ("hashed", "cached"):
        assert digests_with_states(len(files), files.__getitem__) == (_right(files), [state_of(path) for path in files])
    files[3].write_text("x")
    found, states = digests_with_states(len(files), files.__getitem__)
    assert found == _right(files)
    assert [index for index, state in enumerate(states) if state is None] == [3]


def test_relative_path_in_another_folder_is_another_file(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    (files[0].parent / "other").mkdir()
    (files[0].parent / "other" / "0").write_text("another")
    found = []
    for folder in (files[0].parent, files[0].parent / "other"):
        monkeypatch.chdir(folder)
        found += _of([Path("0")])
    assert found == _right([files[0], files[0].parent / "other" / "0"])


@pytest.mark.parametrize("damage", [b"this is no data base, and long enough to be sure", b""])
def test_damaged_table_is_replaced(files: list[Path], hashed: list[Path], damage: bytes) -> None:
    _of(files)
    (files[0].parent / "cache" / room.FILE).write_bytes(damage)
    assert _of(files) == _right(files)
    assert _of(files) == _right(files)
    assert len(hashed) == 2 * len(files)


def test_table_damaged_in_the_middle_gives_no_wrong_hash(files: list[Path]) -> None:
    _of(files)
    table = files[0].parent / "cache" / room.FILE
    whole = bytearray(table.read_bytes())
    for start in range(100, len(whole), 97):
        whole[start] ^= 0x55
    table.write_bytes(whole)
    assert _of(files) == _right(files)


def test_hashing_works_without_a_writable_cache(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "file" / "cache"))
    assert _of(files) == _right(files)


def test_hashing_works_while_another_process_locks_the_table(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, timeout: right(path, timeout=0.01))
    _of(files[:1])
    other = right(files[0].parent / "cache" / room.FILE)
    other.execute("BEGIN EXCLUSIVE")
    assert _of(files) == _right(files)
    other.close()


def test_unreadable_file_has_no_hash(files: list[Path]) -> None:
    folder = files[0].parent
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    odd = [folder / "pipe", folder / "loop", folder, folder / "nowhere", folder / ("x" * 300), folder / "a\0b"]
    assert _of([*odd, files[0]]) == [*[None] * len(odd), *_right(files[:1])]


def test_file_name_that_is_not_utf8_is_hashed_once(files: list[Path], hashed: list[Path]) -> None:
    path = Path(os.fsdecode(bytes(files[0].parent) + b"/\xff\xfe"))
    path.write_text("odd")
    time.sleep(0.1)
    assert _of([path]) == _of([path]) == _right([path])
    assert len(hashed) == 1


def test_no_table_is_created_for_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    assert _of([]) == []
    assert not (tmp_path / "cache").exists()
