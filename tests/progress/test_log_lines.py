"""Progress as lines in a log."""

from __future__ import annotations

import re
from itertools import pairwise
from types import SimpleNamespace

import pytest

from zoo.progress import command_reporter, log_lines, rate
from zoo.progress.log_lines import LogReporter


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (rate, log_lines):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


def test_without_a_terminal_progress_is_written_as_plain_lines(capfd: pytest.CaptureFixture[str]) -> None:
    assert isinstance(command_reporter(), LogReporter)
    command_reporter().say("hello")
    assert capfd.readouterr() == ("", "hello\n")


def test_dated_lines_begin_with_the_time_of_day(capfd: pytest.CaptureFixture[str]) -> None:
    LogReporter(dated=True).say("hello")
    assert re.fullmatch(r"\d\d:\d\d:\d\d hello\n", capfd.readouterr().err)


def test_a_progress_line_every_few_seconds_has_rate_and_time_left(
    capfd: pytest.CaptureFixture[str], clock: Clock
) -> None:
    with LogReporter().track("training", 100, "steps") as task:
        for _ in range(25):
            clock.now += 1
            task.advance(loss="0.5")
        out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "training: 11/100 steps, 1.0 steps/s, 0:00:11 elapsed, 0:01:29 left, loss 0.5",
        "training: 22/100 steps, 1.0 steps/s, 0:00:22 elapsed, 0:01:18 left, loss 0.5",
    ]


def test_a_message_postpones_the_next_progress_line(capfd: pytest.CaptureFixture[str], clock: Clock) -> None:
    """A training that writes a line for each epoch needs no other lines between them if its epochs are short."""
    progress = LogReporter()
    with progress.track("training", 40, "steps") as task:
        for step in range(1, 41):
            clock.now += 1
            task.advance()
            if step % 8 == 0:
                progress.say(f"epoch {step // 8}")
    *lines, last = capfd.readouterr().err.splitlines()
    assert lines == ["epoch 1", "epoch 2", "epoch 3", "epoch 4", "epoch 5"]
    assert last == "training: 40/40 steps, 1.0 steps/s, 0:00:40 elapsed"


def test_progress_lines_become_rarer_down_to_one_a_minute(capfd: pytest.CaptureFixture[str], clock: Clock) -> None:
    lines: list[float] = []
    with LogReporter().track("training", 10_000, "steps") as task:
        for _ in range(3600):
            clock.now += 1
            task.advance()
            if capfd.readouterr().err:
                lines.append(clock.now)
    gaps = [after - before for before, after in pairwise(lines)]
    assert gaps[0] == 11
    assert gaps == sorted(gaps)
    assert gaps[-1] == 61


def test_work_done_before_a_resume_does_not_count_in_the_rate_of_lines(
    capfd: pytest.CaptureFixture[str], clock: Clock
) -> None:
    with LogReporter().track("training", 100, "images", done=50) as task:
        clock.now += 5
        task.advance(10)
    assert capfd.readouterr().err == "training: 60/100 images, 2.0 images/s, 0:00:05 elapsed, 0:00:20 left\n"


def test_finished_work_has_a_last_progress_line(capfd: pytest.CaptureFixture[str], clock: Clock) -> None:
    with LogReporter().track("reading images", 8, "images") as task:
        clock.now += 2
        task.advance(3)
        task.advance(5)
    assert capfd.readouterr().err == "reading images: 8/8 images, 4.0 images/s, 0:00:02 elapsed\n"


def test_a_progress_line_has_the_latest_facts(capfd: pytest.CaptureFixture[str], clock: Clock) -> None:
    with LogReporter().track("training", 2, "steps") as task:
        task.advance(epoch="1", loss="0.9", best="")
        task.advance(loss="0.5")
        clock.now += 1
    assert capfd.readouterr().err.endswith("elapsed, epoch 1, loss 0.5\n")


@pytest.mark.parametrize("total", [0, 5])
def test_work_without_a_step_has_a_rate_of_zero(capfd: pytest.CaptureFixture[str], clock: Clock, total: int) -> None:
    with LogReporter().track("reading", total, "images"):
        pass
    assert capfd.readouterr().err == f"reading: 0/{total} images, 0.0 images/s, 0:00:00 elapsed\n"


def test_work_that_fails_prints_no_last_line(capfd: pytest.CaptureFixture[str], clock: Clock) -> None:
    def work() -> None:
        with LogReporter().track("training", 9, "steps") as task:
            task.advance(3)
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the block's own error comes through
        work()
    assert capfd.readouterr().err == ""
