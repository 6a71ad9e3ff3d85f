"""Every script answers --help with what it does and how it is called, and refuses what it does not know."""

from __future__ import annotations

import sys

import pytest

from tests.benchmarks.scripts import FOLDER, script

SCRIPTS = [path.stem for path in sorted(FOLDER.glob("*.py")) if "__main__" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_says_what_it_does_and_starts_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    benchmark = script(name)
    for words, status in ((["--help"], 0), (["--no-such-option"], 2)):
        monkeypatch.setattr(sys, "argv", [f"benchmarks/{name}.py", *words])
        with pytest.raises(SystemExit) as ended:
            benchmark.main()
        assert ended.value.code == status
        if not status:
            assert benchmark.__doc__
            assert benchmark.__doc__.splitlines()[0] in capsys.readouterr().out
