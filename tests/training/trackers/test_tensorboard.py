from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.installed_packages import Answer
from tests.listening import Listener
from tests.training.epochs import made_up_epochs
from tests.training.trackers.logged_runs import NAMES, expected, history, stopped_run
from zoo import train
from zoo.progress import Silent
from zoo.runs import Run
from zoo.training import resume
from zoo.training.trackers import FailSafeTracker
from zoo.training.trackers.tensorboard import TensorBoard

pytestmark = pytest.mark.usefixtures("empty_charts")

Settings = dict[str, Any]


def board(run: Run) -> EventAccumulator:
    """Return what TensorBoard reads from a run folder."""
    return EventAccumulator(str(run.path / "tensorboard")).Reload()


def shown(found: EventAccumulator, name: str) -> list[tuple[int, float]]:
    """Return the epochs and values of a curve in TensorBoard."""
    return [(event.step, event.value) for event in found.Scalars(name)]


def test_tensorboard_shows_every_epoch_and_tracking_changes_no_weight(
    quick: Settings, trained: Run, tmp_path: Path, listener: Listener
) -> None:
    run = train("resnet20", out=tmp_path / "run", progress=listener, track="tensorboard", **quick)
    found = board(run)
    assert set(found.Tags()["scalars"]) == set(NAMES)
    for name in NAMES:
        assert shown(found, name) == expected(run, name)
    (text,) = found.Tensors("settings/text_summary")
    said = text.tensor_proto.string_val[0].decode()
    settings = yaml.safe_load(said.removeprefix("```yaml\n").removesuffix("```"))
    assert settings["model"] == "resnet20"
    assert settings["recipe"]["batch_size"] == 8
    assert f"tracking: tensorboard --logdir {run.path / 'tensorboard'}" in listener.heard
    weights = "model.safetensors"
    assert (run.bundle / weights).read_bytes() == (trained.bundle / weights).read_bytes()
    assert not (trained.path / "tensorboard").exists()


def test_a_resumed_run_keeps_its_tracker_and_shows_each_epoch_once(quick: Settings, tmp_path: Path) -> None:
    run = stopped_run(tmp_path / "run", quick, epochs=4, track="tensorboard")
    assert [step for step, _ in shown(board(run), "lr")] == [1, 2]
    # a session that was killed after its last checkpoint has logged more epochs than the checkpoint has
    killed = FailSafeTracker(TensorBoard(), Silent())
    killed.start(run, [])
    for epoch in made_up_epochs(3):
        killed.log(epoch)
    killed.finish()
    resume(run)
    found = board(run)
    for name in NAMES:
        assert shown(found, name) == expected(run, name)
    assert len(found.Tensors("settings/text_summary")) == 1
    times = [event.wall_time for event in found.Scalars("lr")]
    assert times == sorted(times)


def test_resume_can_add_a_tracker_which_then_shows_the_earlier_epochs_too(quick: Settings, tmp_path: Path) -> None:
    run = stopped_run(tmp_path / "run", quick, epochs=3)
    resume(run, track="tensorboard")
    assert [step for step, _ in shown(board(run), "val_loss")] == [1, 2, 3]


def test_resume_can_switch_a_tracker_off(quick: Settings, tmp_path: Path) -> None:
    run = stopped_run(tmp_path / "run", quick, epochs=3, track="tensorboard")
    resume(run, track="none")
    assert [step for step, _ in shown(board(run), "val_loss")] == [1, 2]
    assert len(history(run)) == 3


def test_the_command_line_accepts_track_together_with_resume(
    command: Callable[..., Answer], quick: Settings, tmp_path: Path
) -> None:
    run = stopped_run(tmp_path / "run", quick, epochs=3)
    answer = command("train", "--resume", run, "--track", "tensorboard")
    assert answer.status == 0, answer.err
    assert [step for step, _ in shown(board(run), "lr")] == [1, 2, 3]
