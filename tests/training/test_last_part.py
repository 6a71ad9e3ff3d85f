"""Sessions that a signal stops before the first step or after the last one, and that are resumed."""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.training.test_resume import Stopper, _same
from zoo import resume, train
from zoo.errors import Interrupted
from zoo.files import sha256
from zoo.runs import Run, is_run
from zoo.training.checkpoint import Checkpoints
from zoo.training.trackers import FailSafeTracker

pytestmark = pytest.mark.usefixtures("empty_charts")

Settings = dict[str, Any]
LAST_STEP = "step-000000006"
SESSION = "zoo.training.session"
AFTER_TRAINING = [
    f"{SESSION}.training_outcome",
    f"{SESSION}.provenance",
    f"{SESSION}.draw_curves",
    f"{SESSION}.from_pretrained",
    f"{SESSION}.evaluate_classifier",
    "zoo.evaluation.evaluation.Inference",
    f"{SESSION}.card",
    f"{SESSION}.write_report",
    "zoo.bundle.bundle_files.write_json",
    "zoo.bundle.bundle_files.write_tensors",
]
"""Functions that a session calls after the last step."""
FORKS = multiprocessing.get_context("forkserver")


def _signal_in(monkeypatch: pytest.MonkeyPatch, name: str, number: signal.Signals, *, before: bool) -> None:
    """Send a signal to this process when a function is called for the first time, or when it has returned."""
    module, _, function = name.rpartition(".")
    original: Callable[..., Any] = getattr(__import__(module, fromlist=[function]), function)
    sent = False

    def call(*words: Any, **named: Any) -> Any:
        nonlocal sent
        first, sent = not sent, True
        if first and before:
            signal.raise_signal(number)
        result = original(*words, **named)
        if first and not before:
            signal.raise_signal(number)
        return result

    monkeypatch.setattr(name, call)


@pytest.mark.parametrize(
    ("name", "before"), [*((name, True) for name in AFTER_TRAINING), (f"{SESSION}.write_report", False)]
)
def test_a_signal_at_any_moment_after_the_last_step_is_reported_and_the_run_is_resumed_without_training_again(
    trained: Run, quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, before: bool
) -> None:
    number = signal.SIGTERM if before else signal.SIGINT
    _signal_in(monkeypatch, name, number, before=before)
    with pytest.raises(Interrupted) as stopped:
        train("resnet20", out=tmp_path / "run", progress=False, **quick)
    run = Run.open(tmp_path / "run")
    assert stopped.value.number == number
    assert str(stopped.value) == (
        f"training is complete and saved in {run}, but not evaluated\n  resume with: zoo train --resume {run}"
    )
    assert run.record.status == "interrupted"
    assert (run.path / "checkpoint" / f"{LAST_STEP}.json").is_file()
    monkeypatch.setattr("zoo.training.step.TrainingStep.run", lambda *_: pytest.fail("it is trained again"))
    resume(run, progress=False)
    assert run.record.status == "finished"
    assert _same(run, trained)
    assert [path.name for path in run.path.rglob(".*")] == [".lock"]


def test_a_signal_in_the_last_step_saves_the_end_of_training(
    trained: Run, quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = FailSafeTracker.finish
    monkeypatch.setattr(FailSafeTracker, "finish", lambda self: (finish(self), signal.raise_signal(signal.SIGTERM)))
    with pytest.raises(Interrupted, match="training is complete and saved"):
        train("resnet20", out=tmp_path / "run", progress=False, **quick)
    monkeypatch.setattr(FailSafeTracker, "finish", finish)
    resume(tmp_path / "run", progress=False)
    assert _same(Run.open(tmp_path / "run"), trained)


def test_the_outcome_of_a_training_is_that_of_the_session_that_trained(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _signal_in(monkeypatch, f"{SESSION}.card", signal.SIGTERM, before=True)
    with pytest.raises(Interrupted):
        train("resnet20", out=tmp_path / "run", progress=False, **quick)
    run = Run.open(tmp_path / "run")
    outcome = run.record.outcome
    resume(run, progress=False)
    assert outcome is not None
    assert run.record.outcome == outcome


def test_a_signal_before_the_first_step_of_a_new_run_says_that_nothing_is_lost(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _signal_in(monkeypatch, f"{SESSION}.TrainingLoop", signal.SIGTERM, before=True)
    with pytest.raises(Interrupted, match=r"nothing has been trained yet in .*\n.*zoo train --resume"):
        train("resnet20", out=tmp_path / "run", progress=False, **quick)
    assert resume(tmp_path / "run", progress=False).record.status == "finished"


def test_a_signal_while_data_are_read_leaves_no_folder(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _signal_in(monkeypatch, "zoo.training.training_data.prepare", signal.SIGTERM, before=True)
    with pytest.raises(Interrupted, match="nothing has been written yet"):
        train("resnet20", out=tmp_path / "run", progress=False, **quick)
    assert not (tmp_path / "run").exists()


def test_a_signal_while_a_resumed_run_reads_its_data_says_how_to_resume_it(
    trained: Run, quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Interrupted):
        train("resnet20", out=tmp_path / "run", progress=Stopper(3), **quick)
    _signal_in(monkeypatch, "zoo.training.training_data.prepare", signal.SIGINT, before=True)
    with pytest.raises(Interrupted, match=r"has not been resumed yet\n  resume with: zoo train --resume"):
        resume(tmp_path / "run", progress=False)
    assert _same(resume(tmp_path / "run", progress=False), trained)


def test_a_signal_after_the_evaluation_changes_nothing(
    trained: Run, quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear = Checkpoints.clear
    monkeypatch.setattr(Checkpoints, "clear", lambda self: (signal.raise_signal(signal.SIGTERM), clear(self)))
    run = train("resnet20", out=tmp_path / "run", progress=False, **quick)
    assert run.record.status == "finished"
    assert not (run.path / "checkpoint").exists()
    assert _same(run, trained)


def test_what_a_process_left_that_was_killed_after_the_run_was_finished_is_deleted(
    trained: Run, quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "clear", lambda self: None)
        run = train("resnet20", out=tmp_path / "run", progress=False, **quick)
    (run.path / ".curves.png.0a1b2c3d.part").touch()
    assert (run.path / "checkpoint").is_dir()
    resume(run, progress=False)
    assert not (run.path / "checkpoint").exists()
    assert [path.name for path in run.path.rglob(".*")] == [".lock"]
    assert _same(run, trained)


def _train_or_resume(out: Path, settings: Settings, cache: str, log: Path) -> None:
    """Do what `zoo train` does, with all output in a log file, in a process."""
    os.environ["ZOO_CACHE"] = cache
    with log.open("a") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    import torch

    from zoo.cli import main

    torch.set_num_threads(1)
    options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
    main(["train", "--resume", str(out)] if is_run(out) else ["train", "resnet20", "--out", str(out), *options])


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


@pytest.mark.slow
def test_processes_that_get_a_signal_at_random_moments_after_the_last_step_end_with_the_same_bits(
    trained: Run, quick: Settings, cache: Path, tmp_path: Path
) -> None:
    FORKS.set_forkserver_preload(["torch", "torchvision", "zoo.training.start", "zoo.cli.commands.train"])
    settings, chance = {**quick, "augment": "symmetries"}, random.Random(0)
    signals = 0
    for trial in range(2):
        out, log = tmp_path / f"run-{trial}", tmp_path / f"log-{trial}"
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            process = FORKS.Process(target=_train_or_resume, args=(out, settings, str(cache), log))
            process.start()
            said, end = _size(log), time.monotonic() + 120
            while process.is_alive() and (
                _size(log) == said or not (out / "checkpoint" / f"{LAST_STEP}.json").exists()
            ):
                assert time.monotonic() < end
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 1.5))
            if process.is_alive() and process.pid:
                os.kill(process.pid, number)
                signals += 1
            process.join(120)
            assert process.exitcode in (0, 128 + number, -number)
            if process.exitcode == 128 + number:
                assert f"zoo train --resume {out}" in log.read_text()
        process = FORKS.Process(target=_train_or_resume, args=(out, settings, str(cache), log))
        process.start()
        process.join(120)
        assert process.exitcode == 0, log.read_text()
        # a signal that arrives in the callback of a weak reference is reported by Python and goes no further
        text = re.sub(r"Exception ignored in:.*?StopRequested: \d+\n", "", log.read_text(), flags=re.DOTALL)
        assert "Traceback" not in text
        run = Run.open(out)
        assert sha256(run.bundle / "model.safetensors") == sha256(trained.bundle / "model.safetensors")
        assert _same(run, trained)
        assert [path.name for path in run.path.rglob(".*")] == [".lock"]
    assert signals >= 3
