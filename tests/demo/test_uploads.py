from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from zoo_demo import limits
from zoo_demo.uploads import Uploads, upload_folder


def test_a_stored_file_is_found_and_has_a_folder_of_its_own(uploads: Uploads) -> None:
    first, second = (uploads.store(b"tile", name="a.png") for _ in range(2))
    assert first.read_bytes() == b"tile"
    assert uploads.find(str(first)) == first
    assert first.parent != second.parent
    assert first.parent.stat().st_mode & 0o077 == 0


def test_the_size_of_one_visitors_files_does_not_count_those_of_others(uploads: Uploads) -> None:
    for visitor, content in (("a", b"0" * 10_000), ("a", b""), ("b", b"0" * 50_000)):
        uploads.store(content, name="a.png", visitor=visitor)
    folder = 4096
    assert uploads.size("a") == 10_000 + folder + 2 * folder
    assert uploads.size("b") == 50_000 + folder
    assert uploads.size() == uploads.size("a") + uploads.size("b")
    uploads.delete_old(seconds=-1)
    assert uploads.size("a") == 0


def test_only_regular_files_in_the_folder_are_found(uploads: Uploads, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    stored = uploads.store(b"tile", name="a.png")
    link, inner, pipe = (uploads.folder / name for name in ("link", "inner", "pipe"))
    link.symlink_to(secret)
    inner.symlink_to(stored)
    os.mkfifo(pipe)
    loop = uploads.folder / "loop"
    loop.symlink_to(loop)
    for path in (secret, link, inner, pipe, loop, uploads.folder, stored.parent, uploads.folder / ".." / "secret.png"):
        assert uploads.find(str(path)) is None
    for text in ("", "a.png", "~/a.png", "a\0b", "http://localhost/a.png", f"{uploads.folder}/{'a' * 5000}"):
        assert uploads.find(text) is None


def test_old_uploads_are_deleted_whatever_else_is_in_the_folder(
    uploads: Uploads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = uploads.store(b"tile", name="a.png")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("mine")
    (stored.parent / "link").symlink_to(outside)
    os.mkfifo(uploads.folder / "pipe")
    (uploads.folder / "stubborn").write_text("x")
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name == "stubborn":
            raise PermissionError("not this one")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    uploads.delete_old(seconds=60)
    assert stored.exists()
    uploads.delete_old(seconds=-1)
    assert [path.name for path in uploads.folder.iterdir()] == ["stubborn"]
    assert (outside / "mine.txt").read_text() == "mine"


def test_the_size_of_all_uploads_counts_empty_files_too(uploads: Uploads) -> None:
    assert uploads.size() == 0
    uploads.store(b"0" * 10_000, name="a.png")
    uploads.store(b"", name="b.png")
    assert 10_000 < uploads.size() < 40_000


def test_a_thread_deletes_old_uploads_and_the_end_deletes_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CHECK_SECONDS", 0.01)
    monkeypatch.setattr(limits, "KEEP_SECONDS", -1)
    with upload_folder() as uploads:
        stored = uploads.store(b"tile", name="a.png")
        deadline = time.monotonic() + 20
        while stored.parent.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not stored.parent.exists()
        monkeypatch.setattr(limits, "KEEP_SECONDS", 3600)
        kept = uploads.store(b"tile", name="a.png")
    assert not kept.parent.parent.exists()
