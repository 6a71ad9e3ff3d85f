"""Suggested commands, pasted into a shell."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from zoo.cli.output.next_steps import Step, print_next_steps


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh"])
def test_suggested_commands_can_be_pasted_into_a_shell(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    """`echo` is the program, so that what the shell understood can be read."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    print_next_steps([Step("print a path", "echo", ["my run/it's"]), Step("print two words", "echo evaluate run")])
    title, _, pasted = capsys.readouterr().out.partition("\n")
    assert title == "Next:"
    done = subprocess.run([shell], input=pasted, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["my run/it's", "evaluate run"]
