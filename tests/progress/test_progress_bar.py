"""The progress bar as terminals of several widths show it."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from zoo.progress import rate
from zoo.progress.progress_bar import Bar, facts_line

FACTS = {
    "epoch": "12/50",
    "step": "104/120",
    "loss": "0.512",
    "best": "0.913 (epoch 10)",
    "lr": "1.0e-04",
}
SHOWN = "epoch 12/50  step 104/120  loss 0.512  best 0.913 (epoch 10)  lr 1.0e-04"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(rate, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def drawn(bar: Bar, width: int) -> list[str]:
    screen = io.StringIO()
    Console(file=screen, width=width, force_terminal=True, color_system=None).print(bar, end="")
    return screen.getvalue().splitlines()


def test_bar_numbers_and_facts_fit_into_80_columns(clock: SimpleNamespace) -> None:
    bar = Bar("training", 60_000, "images", done=0)
    clock.now = 100.0
    bar.advance(15_000, **FACTS)
    first, second = drawn(bar, 80)
    assert first.startswith("training  ━━━━━━╸   ")
    assert first.endswith("   15000/60000 images  150.0/s  0:05:00 left")
    assert len(first) == 80
    assert second == SHOWN


@pytest.mark.parametrize("label", ["training", "reading files that are new or changed", "x" * 200])
@pytest.mark.parametrize("width", [20, 40, 79, 80, 120, 300])
def test_no_line_of_the_bar_is_wider_than_the_terminal(clock: SimpleNamespace, label: str, width: int) -> None:
    bar = Bar(label, 60_000, "images", done=0)
    clock.now = 100.0
    bar.advance(15_000, **FACTS)
    lines = drawn(bar, width)
    assert len(lines) == 2
    assert max(len(line) for line in lines) <= width


def test_a_long_label_is_shortened_before_the_numbers(clock: SimpleNamespace) -> None:
    bar = Bar("reading files that are new or changed", 60_000, "files", done=0)
    clock.now = 100.0
    bar.advance(15_000)
    (line,) = drawn(bar, 60)
    assert line.startswith("reading files")
    assert "…  15000/60000 files  150.0/s  0:05:00 left" in line


@pytest.mark.parametrize("width", range(1, 90))
def test_facts_that_do_not_fit_are_left_out_from_the_end(width: int) -> None:
    line = facts_line(FACTS, width).plain
    assert len(line) <= width
    assert SHOWN.startswith(line)
    assert SHOWN[len(line) :][:2] in ("", "  ", SHOWN[:2])


def test_empty_facts_are_left_out_of_the_line() -> None:
    assert facts_line({"epoch": "1/5", "best": "", "lr": "0.1"}, 80).plain == "epoch 1/5  lr 0.1"


def test_the_rate_covers_the_last_half_minute_and_the_time_left_the_whole_work(clock: SimpleNamespace) -> None:
    bar = Bar("training", 1000, "images", done=0)
    for _ in range(100):  # one image a second, then two
        clock.now += 1
        bar.advance(1)
    for _ in range(100):
        clock.now += 1
        bar.advance(2)
    (line,) = drawn(bar, 120)
    assert line.endswith("300/1000 images  2.0/s  0:07:47 left")


def test_work_done_before_a_resume_does_not_count_in_the_rate_of_the_bar(clock: SimpleNamespace) -> None:
    bar = Bar("training", 1000, "images", done=500)
    (line,) = drawn(bar, 120)
    assert line.endswith("500/1000 images")
    clock.now = 10.0
    bar.advance(100)
    (line,) = drawn(bar, 120)
    assert line.endswith("600/1000 images  10.0/s  0:00:40 left")


def test_a_bar_without_steps_can_be_drawn(clock: SimpleNamespace) -> None:
    assert drawn(Bar("reading", 0, "MB", done=0), 80)[0].endswith("0/0 MB")
