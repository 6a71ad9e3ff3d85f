"""The script that compares the training loop with bare steps, in small: it follows what the loop asks for."""

from __future__ import annotations

import re

import pytest

from tests.benchmarks.scripts import script
from zoo.device import choose_compute


def test_the_loop_is_compared_with_bare_steps(capsys: pytest.CaptureFixture[str]) -> None:
    script("loop").compare("resnet20", size=32, batch=2, compute=choose_compute("cpu"), rounds=1, peak=1e12)
    printed = capsys.readouterr().out
    number = r"\d+\.\d"
    rates = rf"ours {number} images/s, bare {number}; [+-]{number}% a step; \d+% of the matrix limit\n"
    assert re.fullmatch(rf"resnet20 at 32, batches of 2: {rates}", printed)
