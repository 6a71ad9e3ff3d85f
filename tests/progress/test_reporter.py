from __future__ import annotations

import pytest

from zoo.progress import Silent


def test_a_silent_reporter_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    progress = Silent()
    progress.say("hello")
    with progress.track("training", 3, "steps") as task:
        task.advance()
        task.advance(2, loss="0.5")
    assert capfd.readouterr() == ("", "")
