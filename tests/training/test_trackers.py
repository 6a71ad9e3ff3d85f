"""Trackers: what they are told, that they change nothing, and that they can do no harm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.listening import Listener
from tests.strangers import Answer
from tests.training.rows import course
from zoo import train
from zoo.distributed.world import World
from zoo.errors import Interrupted, MissingExtraError, UsageError
from zoo.runs import Run
from zoo.training import resume, trackers
from zoo.training.history import Epoch
from zoo.training.session import Session
from zoo.training.trackers import TensorBoard, find_tracker

Settings = dict[str, Any]
NAMES = ("train_loss", "val_loss", "val_accuracy", "val_balanced_accuracy", "lr", "images_per_second")


def history(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run.path / "history.jsonl").read_text().splitlines()]


def board(run: Run) -> EventAccumulator:
    """What TensorBoard shows."""
    return EventAccumulator(str(run.path / "tensorboard")).Reload()


def expected(run: Run, name: str) -> list[tuple[int, float]]:
    return [(row["epoch"], pytest.approx(row[name])) for row in history(run) if row[name] is not None]


def shown(found: EventAccumulator, name: str) -> list[tuple[int, float]]:
    return [(event.step, event.value) for event in found.Scalars(name)]


class Stopper(Listener):
    """Asks a training to stop once it has said something."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words

    def say(self, message: str) -> None:
        super().say(message)
        if message.startswith(self.words):
            signal.raise_signal(signal.SIGTERM)


def stopped(out: Path, settings: Settings, *, after: int = 2, **changes: Any) -> Run:
    with pytest.raises(Interrupted):
        train("resnet20", out=out, progress=Stopper(f"epoch {after}/"), **{**settings, **changes})
    return Run.open(out)


def test_tensorboard_shows_every_epoch_and_nothing_else_changes(
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


def test_a_resumed_run_goes_on_with_its_tracker_and_no_epoch_is_there_twice(quick: Settings, tmp_path: Path) -> None:
    run = stopped(tmp_path / "run", quick, epochs=4, track="tensorboard")
    assert [step for step, _ in shown(board(run), "lr")] == [1, 2]
    lost = TensorBoard()  # a sitting that was killed after its checkpoint had written more than the checkpoint knows
    lost.begin(run, [])
    for row in course(3):
        lost.follow(row)
    lost.end()
    resume(run)
    found = board(run)
    for name in NAMES:
        assert shown(found, name) == expected(run, name)
    assert len(found.Tensors("settings/text_summary")) == 1
    times = [event.wall_time for event in found.Scalars("lr")]
    assert times == sorted(times)


def test_a_tracker_may_come_in_later_or_go(quick: Settings, tmp_path: Path) -> None:
    run = stopped(tmp_path / "late", quick, epochs=3)
    resume(run, track="tensorboard")
    assert [step for step, _ in shown(board(run), "val_loss")] == [1, 2, 3]

    run = stopped(tmp_path / "gone", quick, epochs=3, track="tensorboard")
    resume(run, track="none")
    assert [step for step, _ in shown(board(run), "val_loss")] == [1, 2]
    assert len(history(run)) == 3


def test_the_command_line_takes_it_with_resume_too(
    command: Callable[..., Answer], quick: Settings, tmp_path: Path
) -> None:
    run = stopped(tmp_path / "run", quick, epochs=3)
    answer = command("train", "--resume", run, "--track", "tensorboard")
    assert answer.status == 0, answer.err
    assert [step for step, _ in shown(board(run), "lr")] == [1, 2, 3]


def test_a_misspelt_tracker_is_one_clear_text_and_leaves_nothing(
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


@pytest.mark.parametrize("name", [None, "none"])
def test_none_is_none(name: str | None) -> None:
    assert find_tracker(name) is None


@pytest.mark.parametrize("name", ["tensorboard", "trackio"])
def test_a_missing_package_is_said_with_its_extra_before_anything_is_done(
    monkeypatch: pytest.MonkeyPatch, quick: Settings, tmp_path: Path, name: str
) -> None:
    for module in [module for module in sys.modules if module.startswith("torch.utils.tensorboard")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError) as caught:
        train("resnet20", out=tmp_path / "run", track=name, **quick)
    assert caught.value.hint == f"pip install 'histozoo[{name}]'"
    assert not (tmp_path / "run").exists()


class Broken:
    """Fails where it is told to."""

    where = ""

    def __init__(self) -> None:
        self.called: list[str] = []
        made.append(self)

    def begin(self, run: Run, rows: Sequence[Epoch]) -> str:
        self._call("begin")
        return "nowhere"

    def follow(self, row: Epoch) -> None:
        self._call("follow")

    def end(self) -> None:
        self._call("end")

    def _call(self, name: str) -> None:
        self.called.append(name)
        if name == self.where:
            raise RuntimeError("the server is gone")


made: list[Broken] = []


@pytest.mark.parametrize(
    ("where", "called"),
    [
        ("", ["begin", "follow", "follow", "end"]),
        ("begin", ["begin"]),
        ("follow", ["begin", "follow"]),
        ("end", ["begin", "follow", "follow", "end"]),
    ],
)
def test_a_tracker_that_fails_is_dropped_and_the_training_goes_on(
    monkeypatch: pytest.MonkeyPatch, quick: Settings, tmp_path: Path, listener: Listener, where: str, called: list[str]
) -> None:
    made.clear()
    monkeypatch.setattr(Broken, "where", where)
    monkeypatch.setattr(trackers, "TRACKERS", {"trackio": Broken})
    run = train("resnet20", out=tmp_path / "run", progress=listener, track="trackio", **quick)
    assert run.record.status == "finished"
    assert len(history(run)) == 2
    assert made[0].called == called
    words = "Broken failed, and is left out from here on: RuntimeError('the server is gone')"
    assert listener.heard.count(words) == (1 if where else 0)


@pytest.mark.parametrize(("rank", "called"), [(0, ["begin"]), (1, [])])
def test_only_the_chief_tracks(listener: Listener, tmp_path: Path, rank: int, called: list[str]) -> None:
    tracker, nothing, world = Broken(), SimpleNamespace(), World(rank, 2)
    session = Session(
        Run(tmp_path),
        nothing,  # type: ignore[arg-type]
        nothing,  # type: ignore[arg-type]
        compute=nothing,  # type: ignore[arg-type]
        world=world,
        save_every=60,
        progress=listener,
        tracker=tracker,
    )
    session.tracking.begin(Run(tmp_path), [])
    assert tracker.called == called


TRACKIO = """
import json, sys
from pathlib import Path
from tests.training.test_trackers import stopped
from zoo.cli import main
from zoo.training import resume

settings, out = json.loads(sys.argv[1]), Path(sys.argv[2])
run = stopped(out, settings, epochs=3, track="trackio")
resume(run)

from trackio import Api
from trackio.sqlite_storage import SQLiteStorage

found = {one.name: (one.config, SQLiteStorage.get_logs("histozoo", one.name)) for one in Api().runs("histozoo")}
print(json.dumps(found, default=str))
"""


def test_trackio_works_without_a_network_in_its_own_folder(quick: Settings, tmp_path: Path) -> None:
    """In a process of its own: trackio reads where to write when it is imported."""
    home, out = tmp_path / "trackio", tmp_path / "run"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", TRACKIO, json.dumps({**quick, "root": str(quick["root"])}), str(out)],
        env={**os.environ, "TRACKIO_DIR": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (found,) = [json.loads(done.stdout)]  # and nothing else stands on standard output
    run = Run.open(out)
    ((name, (config, logs)),) = found.items()
    assert name == f"run {run.record.started}"
    assert config["model"] == "resnet20"
    for key in NAMES:
        assert [(log["step"], log[key]) for log in logs] == expected(run, key)
    assert (home / "histozoo.db").is_file()
    assert not {"tensorboard", "trackio"} & {path.name for path in out.iterdir()}
