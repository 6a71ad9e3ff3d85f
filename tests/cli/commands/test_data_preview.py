from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.installed_packages import Answer

Command = Callable[..., Answer]


def test_a_picture_is_never_overwritten_and_a_free_name_is_suggested(run: Command, tiles: Path) -> None:
    assert run("data", "preview", str(tiles)).status == 0
    before = Path("preview.png").read_bytes()
    Path("preview-2.png").touch()
    answer = run("data", "preview", str(tiles), "--seed", "1")
    assert answer.status == 1
    assert "preview.png: already exists; nothing is overwritten" in answer.err
    assert "--out preview-3.png" in answer.err
    assert Path("preview.png").read_bytes() == before
    assert run("data", "preview", str(tiles), "--out", "preview-3.png").status == 0
    assert Path("preview-3.png").is_file()


def test_a_picture_that_cannot_be_written_is_an_error_without_a_traceback(run: Command, tiles: Path) -> None:
    Path("file").touch()
    answer = run("data", "preview", str(tiles), "--out", "file/picture.png")
    assert answer.status == 1
    assert "Traceback" not in answer.err
    assert "file" in answer.err
