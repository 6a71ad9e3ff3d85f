from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints

import pytest

from tests.installed_packages import Answer
from tests.listening import Listener
from tests.records import run_record
from tests.training.trackers.logged_runs import history
from zoo import train
from zoo.config.train_config import SessionConfig
from zoo.distributed.world import World
from zoo.errors import MissingExtraError, UsageError
from zoo.runs import Run
from zoo.training import trackers
from zoo.training.session import Session
from zoo.training.setup import TrainingSetup
from zoo.training.trackers import TRACKERS, make_tracker

pytestmark = pytest.mark.usefixtures("empty_charts")

Settings = dict[str, Any]


def test_every_tracker_that_the_configuration_accepts_exists() -> None:
    assert set(get_args(get_type_hints(SessionConfig)["track"])) == {*TRACKERS, "none"}


def test_the_name_none_makes_no_tracker() -> None:
    assert make_tracker("none") is None


def test_a_misspelt_tracker_is_refused_with_the_nearest_name_and_no_run_is_made(
    command: Callable[..., Answer], quick: Settings, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="track must be one of none, tensorboard, trackio, not 'tensorbord'") as caught:
        train("resnet20", out=tmp_path / "run", track="tensorbord", **quick)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("did you mean tensorboard")
    assert not (tmp_path / "run").exists()
    answer = command("train", "resnet20", "--track", "trakio")
    assert answer.status != 0
    assert "did you mean trackio" in answer.err
    assert answer.out == ""


@pytest.mark.parametrize("name", ["tensorboard", "trackio"])
def test_a_tracker_that_is_not_installed_is_reported_with_its_extra_before_a_run_is_made(
    monkeypatch: pytest.MonkeyPatch, quick: Settings, tmp_path: Path, name: str
) -> None:
    for module in [module for module in sys.modules if module.startswith("torch.utils.tensorboard")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError) as caught:
        train("resnet20", out=tmp_path / "run", track=name, **quick)
    assert caught.value.hint == f"pip install 'histozoo[{name}]'"
    assert not (tmp_path / "run").exists()


class FakeTracker:
    """Records its calls, and fails in the method named by `fails_in`."""

    fails_in = ""

    def __init__(self) -> None:
        self.calls: list[str] = []
        made.append(self)

    def start(self, run: Run, settings: Mapping[str, Any]) -> str:
        self._call("start")
        return "nowhere"

    def log(self, values: Mapping[str, float], *, epoch: int, wall_time: float) -> None:
        self._call("log")

    def finish(self) -> None:
        self._call("finish")

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name == self.fails_in:
            raise RuntimeError("the server is gone")


made: list[FakeTracker] = []


@pytest.mark.parametrize(
    ("fails_in", "calls"),
    [
        ("", ["start", "log", "log", "finish"]),
        ("start", ["start"]),
        ("log", ["start", "log"]),
        ("finish", ["start", "log", "log", "finish"]),
    ],
)
def test_a_tracker_that_fails_is_dropped_and_training_continues(
    monkeypatch: pytest.MonkeyPatch,
    quick: Settings,
    tmp_path: Path,
    listener: Listener,
    fails_in: str,
    calls: list[str],
) -> None:
    made.clear()
    monkeypatch.setattr(FakeTracker, "fails_in", fails_in)
    monkeypatch.setattr(trackers, "TRACKERS", {"trackio": FakeTracker})
    run = train("resnet20", out=tmp_path / "run", progress=listener, track="trackio", **quick)
    assert run.record.status == "finished"
    assert len(history(run)) == 2
    assert made[0].calls == calls
    message = "FakeTracker failed; training continues without it: RuntimeError('the server is gone')"
    assert listener.heard.count(message) == (1 if fails_in else 0)


@pytest.mark.parametrize(("rank", "calls"), [(0, ["start"]), (1, [])])
def test_only_process_0_of_several_logs_to_the_tracker(
    monkeypatch: pytest.MonkeyPatch, listener: Listener, tmp_path: Path, rank: int, calls: list[str]
) -> None:
    monkeypatch.setattr(trackers, "run_settings", lambda run: {})
    tracker, nothing = FakeTracker(), SimpleNamespace()
    setup = TrainingSetup(plan=nothing, data=nothing, compute=nothing, world=World(rank, 2))  # type: ignore[arg-type]
    session = Session(
        Run.create(run_record(), name="x", out=tmp_path / "run"),
        setup,
        network=nothing,  # type: ignore[arg-type]
        progress=listener,
        tracker=tracker,
    )
    session.tracker.start(Run(tmp_path), [])
    assert tracker.calls == calls
