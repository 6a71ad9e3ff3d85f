from __future__ import annotations

import hashlib
import json
import math
import os
import stat
from pathlib import Path

import pytest

from zoo.files import atomic_file, atomic_folder, read_json, sha256, write_json, write_text


def test_text_is_written_as_utf8_with_unix_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "deep" / "er" / "a.txt", "é\nü\n")
    assert (tmp_path / "deep" / "er" / "a.txt").read_bytes() == "é\nü\n".encode()


def test_writing_text_twice_leaves_one_file(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "1")
    write_text(tmp_path / "a.txt", "2")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "2"


def test_the_old_file_is_kept_until_the_new_one_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with atomic_file(path) as part:
        part.write_text("half")
        assert path.read_text() == "old"
        assert part.parent == path.parent
        part.write_text("whole")
    assert path.read_text() == "whole"


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o077])
def test_a_file_has_the_permissions_that_the_umask_gives_even_if_a_library_replaces_it(
    tmp_path: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        with atomic_file(tmp_path / "weights") as part:
            part.unlink()
            part.touch(mode=0o600)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "weights").stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_while_writing_leaves_only_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half() -> None:
        with atomic_file(path) as part:
            part.write_text("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "old"


def test_a_folder_in_place_of_the_file_is_an_error_that_leaves_no_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(OSError, match=r"a\.txt"):
        write_text(tmp_path / "a.txt", "x")
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(OSError, match="a"):
        write_text(tmp_path / "a" / "b.txt", "x")


def test_written_files_have_the_mode_of_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        write_text(tmp_path / "a.txt", "x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o644


def test_json_is_written_as_utf8_with_a_final_line_break(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"né": [1, None]})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"né": [1, None]}
    assert "né" in text
    assert text.endswith("}\n")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nan_and_infinity_in_json_are_refused(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"loss": value})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [0, 5, (1 << 20) + 3])
def test_sha256_of_a_file_is_that_of_hashlib(tmp_path: Path, size: int) -> None:
    (tmp_path / "a").write_bytes(b"x" * size)
    assert sha256(tmp_path / "a") == hashlib.sha256(b"x" * size).hexdigest()


def test_a_folder_appears_only_if_its_block_raises_no_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="half way"), atomic_folder(tmp_path / "new", locked=True) as part:
        _write_and_fail(part)
    assert list(tmp_path.iterdir()) == []
    with atomic_folder(tmp_path / "new", locked=True) as part:
        (part / "file").write_text("whole")
        assert not (tmp_path / "new").exists()
    assert (tmp_path / "new" / "file").read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_leftovers_of_a_killed_process_are_removed_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / ".new.part").mkdir()
    (tmp_path / ".new.part" / "old").touch()
    with atomic_folder(tmp_path / "new", locked=True) as part:
        (part / "file").touch()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["file"]


def test_two_processes_without_a_lock_write_separate_folders(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "first", locked=False) as mine:
        (mine / "file").write_text("mine")
        with atomic_folder(tmp_path / "first", locked=False) as theirs:
            (theirs / "file").write_text("theirs")
        (tmp_path / "first").rename(tmp_path / "second")
        assert (mine / "file").read_text() == "mine"
    assert (tmp_path / "first" / "file").read_text() == "mine"
    assert (tmp_path / "second" / "file").read_text() == "theirs"


def test_a_folder_with_files_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine").touch()
    with pytest.raises(OSError), atomic_folder(tmp_path / "new", locked=True):  # noqa: PT011
        pass
    assert [path.name for path in tmp_path.rglob("*")] == ["new", "mine"]


def _write_and_fail(folder: Path) -> None:
    (folder / "file").write_text("half")
    raise ValueError("half way")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expecting value"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('["\\ud800"]', "not valid Unicode"),
        ("9" * 5000, "4300 digits"),
        ("[1]" + " " * 1_000_000, "it is larger than 1 MB"),
    ],
    ids=["empty", "deep", "surrogate", "digits", "large"],
)
def test_an_invalid_json_file_is_a_value_error(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        read_json(tmp_path / "a.json", at_most=1_000_000)


def test_a_json_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    document = {"é": [1, 0.5, None, True], "\\u": "\U0001f52c"}
    (tmp_path / "a.json").write_text(json.dumps(document), encoding="utf-8")
    assert read_json(tmp_path / "a.json", at_most=1000) == document


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_in_the_place_of_a_json_file_is_a_value_error_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(ValueError, match="it is a pipe or a device"):
        read_json(tmp_path / "a.json", at_most=1_000)


@pytest.mark.parametrize("text", ["\\u001b[2J", "\x9b31m", "\u202e", "a\\rb", "\x7f", "\\udc80"])
@pytest.mark.parametrize("document", ['{"a": ["%s"]}', '{"%s": 1}', '"%s"'])
def test_a_string_with_control_characters_in_a_json_file_is_a_value_error(
    tmp_path: Path, document: str, text: str
) -> None:
    (tmp_path / "a.json").write_text(document % text, encoding="utf-8")
    with pytest.raises(ValueError, match="it contains a string with control characters") as caught:
        read_json(tmp_path / "a.json", at_most=1_000)
    assert str(caught.value).isprintable()


def test_line_breaks_and_escaped_letters_in_a_json_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('["a\\nb\\tc", "\\u00e9", "\\\\u001b", "\\ud83d\\ude00"]', encoding="utf-8")
    assert read_json(tmp_path / "a.json", at_most=1_000) == ["a\nb\tc", "é", "\\u001b", "\U0001f600"]
