from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from filelock import FileLock
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from tests.installed_packages import Answer
from tests.training.epochs import TIMES
from zoo import resume, train
from zoo.bundle.bundle_config import BundleConfig
from zoo.errors import DataError, Interrupted, RunError, TrainingError, UnknownNameError
from zoo.files import sha256
from zoo.progress import Silent, Task
from zoo.runs import Run
from zoo.training.train import resume_from
from zoo.training.training_data import TrainingData

pytestmark = pytest.mark.usefixtures("empty_charts")

Settings = dict[str, Any]


class Stopper(Silent):
    """Sends a signal to this process after so many training steps, and keeps all messages."""

    def __init__(self, after: int, number: signal.Signals = signal.SIGTERM) -> None:
        self.left, self.number, self.messages = after, number, list[str]()

    def say(self, message: str) -> None:
        self.messages.append(message)

    @contextmanager
    def track(self, label: str, total: int, unit: str, done: int = 0) -> Iterator[Task]:
        yield _CountingTask(self) if label == "training" else _CountingTask(Stopper(-1))


class _CountingTask:
    def __init__(self, stopper: Stopper) -> None:
        self.stopper = stopper

    def advance(self, steps: int = 1, **facts: str) -> None:
        if not steps:
            return
        self.stopper.left -= 1
        if self.stopper.left == 0:
            signal.raise_signal(self.stopper.number)


def _stopped_run(settings: Settings, out: Path, *, after: int) -> Run:
    """Return a run that was interrupted after so many steps."""
    with pytest.raises(Interrupted) as caught:
        train("resnet20", out=out, progress=Stopper(after), **settings)
    assert caught.value.number == signal.SIGTERM
    assert f"zoo train --resume {out}" in str(caught.value)
    return Run.open(out)


def _same(one: Run, other: Run) -> bool:
    """Whether two runs have the same weights, metrics and history, to the last bit."""

    def history(run: Run) -> list[Settings]:
        rows = [json.loads(line) for line in (run.path / "history.jsonl").read_text().splitlines()]
        return [{key: value for key, value in row.items() if key not in TIMES} for row in rows]

    def weights(run: Run) -> str:
        return sha256(run.bundle / "model.safetensors")

    return (weights(one), one.metrics, history(one)) == (weights(other), other.metrics, history(other))


@pytest.mark.parametrize("after", [1, 3, 6])  # within the first epoch, at its end, at the end
def test_a_run_stopped_after_any_step_is_resumed_to_the_same_bits(
    trained: Run, quick: Settings, tmp_path: Path, after: int
) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=after)
    assert run.record.status == "interrupted"
    assert len(list((run.path / "checkpoint").glob("*.json"))) == 1
    resume(run)
    assert run.record.status == "finished"
    assert not (run.path / "checkpoint").exists()
    assert _same(run, trained)


def test_a_resumed_run_gives_the_reasons_of_its_start_for_how_it_computes(quick: Settings, tmp_path: Path) -> None:
    """What was chosen at the start is not called requested."""
    run = _stopped_run(quick, tmp_path / "run", after=3)
    stopper = Stopper(-1)
    resume(run, progress=stopper)
    training = BundleConfig.read(run.bundle).training
    assert training is not None
    assert training.device == run.record.resolved.computing
    assert "as requested" not in training.device
    assert f"computing on {training.device}" in stopper.messages


class DropLinear(nn.Linear):
    """Draws random numbers in every step."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002
        return super().forward(F.dropout(input, 0.5, self.training))


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "sgd", "select": "last"},
        {"optimizer": "adam", "sampling": "balanced", "mixing": "cutmix"},
        {"averaging": 0.0, "tune": "head"},
        {"early_rate": 0.1, "batch_norm": "frozen", "select": "loss"},
        {"fractions": (0.6, 0.0, 0.4)},
    ],
)
def test_resume_gives_the_same_bits_with_many_kinds_of_recipes_and_with_dropout(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: Settings
) -> None:
    monkeypatch.setattr("zoo.nn.small_resnet.nn.Linear", DropLinear)
    settings = {**quick, **changes}
    whole = train("resnet20", out=tmp_path / "whole", **settings)
    run = _stopped_run(settings, tmp_path / "run", after=4)
    resume(run)
    assert _same(run, whole)


def test_a_run_is_resumed_with_the_number_of_threads_that_it_started_with(quick: Settings, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        whole = train("resnet20", out=tmp_path / "whole", **quick)
        run = _stopped_run(quick, tmp_path / "run", after=3)
        torch.set_num_threads(1)
        resume(run)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
    assert run.record.resolved.threads == 2
    assert _same(run, whole)


def test_beside_other_programs_a_training_has_fewer_threads_and_keeps_them_when_it_is_resumed(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.training.compute.threads_beside_others", lambda threads, used: threads - round(used))
    monkeypatch.setattr("zoo.training.compute.cores_used_by_others", lambda: 1.0)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        run = _stopped_run(quick, tmp_path / "run", after=3)
        assert run.record.resolved.threads == 1
        assert "1 thread (other programs use 1.0 of the cores)" in run.record.resolved.computing
        monkeypatch.setattr("zoo.training.compute.cores_used_by_others", lambda: 0.0)
        resume(run)
        assert torch.get_num_threads() == 2
        monkeypatch.setattr("zoo.training.compute.cores_used_by_others", lambda: 1.0)
        fixed = train("resnet20", out=tmp_path / "fixed", **{**quick, "epochs": 1, "deterministic": True})
    finally:
        torch.set_num_threads(before)
    assert run.record.resolved.threads == 1
    assert fixed.record.resolved.threads == 2


def test_resume_refuses_another_kind_of_device(quick: Settings, tmp_path: Path) -> None:
    run = _stopped_run({**quick, "device": "auto"}, tmp_path / "run", after=3)
    run.update(resolved=replace(run.record.resolved, device="strange"))
    with pytest.raises(RunError, match=r"started on another kind of device\n  device: 'strange' then, '\w+' now"):
        resume(run)


def test_a_run_stopped_four_times_ends_with_the_same_bits(trained: Run, quick: Settings, tmp_path: Path) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    for _ in range(3):
        with pytest.raises(Interrupted):
            resume(run, progress=Stopper(1, signal.SIGINT))
    resume(run)
    assert _same(run, trained)


def test_resume_reports_a_damaged_checkpoint_and_gives_the_same_bits_from_the_one_before(
    trained: Run, quick: Settings, tmp_path: Path
) -> None:
    run = _stopped_run({**quick, "save_every": 0}, tmp_path / "run", after=5)
    newest = max((run.path / "checkpoint").glob("step-*.safetensors"))
    newest.write_bytes(newest.read_bytes()[:1000])
    progress = Stopper(-1)
    resume(run, progress=progress)
    assert any(f"{newest.stem} is damaged" in line for line in progress.messages)
    assert _same(run, trained)


def test_resume_without_a_checkpoint_trains_from_the_beginning_to_the_same_bits(
    trained: Run, quick: Settings, tmp_path: Path
) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=5)
    shutil.rmtree(run.path / "checkpoint")
    resume(run)
    assert _same(run, trained)


def test_resume_finishes_a_run_that_was_killed_while_it_was_evaluated(
    trained: Run, quick: Settings, tmp_path: Path
) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=6)
    for folder in (run.bundle, run.path / ".bundle.0a1b2c3d.part"):
        folder.mkdir()
        (folder / "config.json").write_text("{half")
    resume(run)
    assert not list(run.path.glob("*.part"))
    assert _same(run, trained)


def test_resume_does_not_train_again_what_another_process_has_finished_meanwhile(
    trained: Run, quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=3)
    locked = Run.locked

    def finish_first(self: Run) -> AbstractContextManager[None]:
        monkeypatch.setattr(Run, "locked", locked)
        resume(run)
        (run.bundle / "mine.txt").touch()
        return self.locked()

    monkeypatch.setattr(Run, "locked", finish_first)
    progress = Stopper(-1)
    resume(run, progress=progress)
    assert progress.messages == [f"{run} is already finished"]
    assert (run.bundle / "mine.txt").exists()
    assert _same(run, trained)


def test_resume_refuses_at_once_a_run_that_another_process_is_finishing(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is held before anything of the run is read that another process may change."""
    run = _stopped_run(quick, tmp_path / "run", after=3)
    monkeypatch.setattr(TrainingData, "read", lambda plan, progress: pytest.fail("data are read without the lock"))
    with FileLock(run.path / ".lock"), pytest.raises(RunError, match="another process is training this run"):
        resume(run)


def test_resume_changes_no_file_of_a_finished_run(trained: Run) -> None:
    before = {path: path.stat().st_mtime_ns for path in trained.path.rglob("*")}
    progress = Stopper(-1)
    assert resume(trained, progress=progress).path == trained.path
    assert progress.messages == [f"{trained} is already finished"]
    assert {path: path.stat().st_mtime_ns for path in trained.path.rglob("*")} == before


def test_resume_refuses_a_folder_that_is_not_a_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"there is no run\.yaml"):
        resume(tmp_path)


def test_resume_refuses_a_run_that_another_process_trains(quick: Settings, tmp_path: Path) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    with FileLock(run.path / ".lock"), pytest.raises(RunError, match="another process is training this run"):
        resume(run)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"lr": 0.5}, r"lr: 0.0003 then, 0.5 now"),
        ({"seed": 3}, r"seed: 0 then, 3 now"),
        ({"recipe": "guo2024"}, r"recipe: 'modern' then, 'guo2024' now"),
        ({"augment": ("blur",)}, r"augment: \['symmetries'\] then, \['blur'\] now"),
        ({"data": "sample"}, r"data: 'folder' then, 'sample' now"),
        ({"model_options": {"depth": 8}}, r"model_options: \{'depth': 20\} then, \{'depth': 8\} now"),
        ({"tolerate": 0.5}, r"tolerate: 0.01 then, 0.5 now"),
        ({"out": "elsewhere"}, r"out: .* then, 'elsewhere' now"),
    ],
)
def test_resume_refuses_a_changed_setting_and_names_it(
    quick: Settings, tmp_path: Path, given: Settings, said: str
) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    with pytest.raises(RunError, match=rf"(?s)started with other settings.*{said}"):
        resume(run, **given)
    assert run.record.status == "interrupted"


def test_resume_refuses_another_model(quick: Settings, tmp_path: Path) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    with pytest.raises(RunError, match="model: 'resnet20' then, 'cbam20' now"):
        resume_from(run, {}, model="cbam20", progress=Silent())


def test_resume_refuses_a_precision_other_than_the_chosen_one(quick: Settings, tmp_path: Path) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    chosen = run.record.resolved.precision
    other = "float32" if chosen == "bfloat16" else "bfloat16"
    with pytest.raises(RunError, match=f"precision: '{chosen}' then, '{other}' now"):
        resume(run, precision=other)  # type: ignore[arg-type]


def test_resume_accepts_the_precision_that_was_chosen_and_the_layout_auto(
    trained: Run, quick: Settings, tmp_path: Path
) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    resume(run, precision=run.record.resolved.precision, layout="auto")
    assert _same(run, trained)


def test_resume_refuses_an_option_that_the_data_source_does_not_have(quick: Settings, tmp_path: Path) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    with pytest.raises(UnknownNameError, match="unknown option of the data source folder 'depth'"):
        resume(run, options={"depth": 3})


def test_resume_refuses_an_unknown_keyword(quick: Settings, tmp_path: Path) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    with pytest.raises(UnknownNameError, match=r"unknown option 'epoch'\n  did you mean epochs\?"):
        resume(run, epoch=3)  # type: ignore[call-arg]


def test_resume_accepts_the_settings_of_the_run_given_again(trained: Run, quick: Settings, tmp_path: Path) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    resume(run, **{**quick, "seed": 0})
    assert _same(run, trained)


def test_resume_compares_a_recipe_file_by_its_values_and_not_by_its_name(
    trained: Run, quick: Settings, tmp_path: Path
) -> None:
    # the option patience=None takes precedence over the file, so a change of patience in the file does not matter
    mine, moved = tmp_path / "mine.yaml", tmp_path / "moved.yml"
    mine.write_text("base: modern\nlr: 0.001\nepochs: 7\npatience: 3\n")
    settings = {**quick, "recipe": str(mine), "patience": None}
    run = _stopped_run(settings, tmp_path / "run", after=1)
    shutil.copyfile(mine, moved)
    mine.write_text("base: modern\nlr: 0.0004\nepochs: 8\npatience: 4\nmixing: mixup\n")
    with pytest.raises(RunError, match="started with other settings") as refused:
        resume(run, **settings)
    lines = str(refused.value).splitlines()
    assert [line.strip() for line in lines if " then, " in line] == [
        "lr: 0.001 then, 0.0004 now",
        "mixing: 'none' then, 'mixup' now",
    ]
    resume(run, **{**settings, "recipe": str(moved)})
    assert run.record.status == "finished"
    assert _same(run, trained)


@pytest.fixture
def own_tiles(tiles: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiles, tmp_path / "tiles"))


def test_resume_refuses_data_that_changed(quick: Settings, own_tiles: Path, tmp_path: Path) -> None:
    run = _stopped_run({**quick, "root": own_tiles}, tmp_path / "run", after=1)
    picture = next(own_tiles.rglob("*.png"))
    Image.open(picture).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(picture)
    with pytest.raises(
        RunError, match=r"(?s)the data changed since the run started.*data\.fingerprint: .* then, .* now"
    ):
        resume(run)


def test_resume_refuses_a_split_file_that_changed(quick: Settings, tiles: Path, tmp_path: Path) -> None:
    table = tmp_path / "split.csv"
    parts = ["train", "train", "val", "test"]
    keys = sorted(path.relative_to(tiles).as_posix() for path in tiles.rglob("*.png"))
    rows = [f"{key},{parts[number % 4]}" for number, key in enumerate(keys)]
    table.write_text("\n".join(["key,part", *rows]))
    run = _stopped_run({**quick, "split_file": table}, tmp_path / "run", after=1)
    first, second = rows[0], rows[3]
    rows[0], rows[3] = first.replace("train", "test"), second.replace("test", "train")
    table.write_text("\n".join(["key,part", *rows]))
    with pytest.raises(RunError, match="the split changed since the run started"):
        resume(run)


@pytest.mark.parametrize("module", ["zoo.training.step", "zoo.data.augmentation.stain", "zoo_baselines.cifar_resnet"])
def test_resume_refuses_changed_code_and_names_the_module(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    from zoo.training import code_version

    file, before = Path(import_module(module).__file__ or ""), code_version.code_hash
    monkeypatch.setattr(code_version, "code_hash", lambda path: "another" if path == file else before(path))
    with pytest.raises(
        RunError, match=rf"(?s)the code changed since the run started.*{module}: .* then, 'another' now"
    ):
        resume(run)


@pytest.mark.parametrize("key", ["config", "resolved", "code", "split_digest"])
def test_resume_refuses_a_record_that_lacks_a_key_and_names_it(quick: Settings, tmp_path: Path, key: str) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    record = yaml.safe_load((run.path / "run.yaml").read_text())
    del record[key]
    (run.path / "run.yaml").write_text(yaml.safe_dump(record))
    with pytest.raises(RunError, match=rf"run\.yaml cannot be read: {key} is missing"):
        resume(run)


def _same_weights_and_measures(one: Run, other: Run) -> bool:
    """Whether two runs have the same results; the name of their data may be that of another folder."""
    weights = [sha256(run.bundle / "model.safetensors") for run in (one, other)]
    return weights[0] == weights[1] and one.metrics.measures == other.metrics.measures


def _edit(run: Run, old: str, new: str, count: int = -1) -> None:
    """Replace a text in run.yaml."""
    file = run.path / "run.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, count))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  lr: 0.0003", "  lr: 0.5", "resolved.recipe.lr: 0.0003 then, 0.5 now"),
        ("  select: balanced_accuracy", "  select: last", "select: 'balanced_accuracy' then, 'last' now"),
        ("  averaging: 0.999", "  averaging: 0.0", "resolved.recipe.averaging: 0.999 then, 0.0 now"),
        ("    epochs: 2", "    epochs: 1", "resolved.recipe.epochs: 2 then, 1 now"),
        ("    epochs: 2", "    epochs: 3", "resolved.recipe.epochs: 2 then, 3 now"),
        ("      batch_size: 8", "      batch_size: 4", "config.recipe.changes.batch_size: 8 then, 4 now"),
        ("  seed: 0", "  seed: 1", "config.seed: 0 then, 1 now"),
    ],
)
def test_a_run_yaml_that_was_edited_is_refused_and_the_error_names_the_setting(
    quick: Settings, tmp_path: Path, old: str, new: str, said: str
) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=4)
    _edit(run, old, new)
    with pytest.raises(RunError, match=r"run\.yaml was edited after training had begun|the split changed") as refused:
        resume(run)
    assert said in str(refused.value) or "the split changed" in str(refused.value)
    assert run.record.status == "interrupted"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"a: [1, 2, 3]\n" * 4_000_000, "is larger than 8 MB"),
        (b"seed: x\n", "seed is unknown"),
        (b"split_digest: 3\n", "split_digest must be a string, not 3"),
    ],
)
def test_a_run_yaml_that_is_damaged_is_one_error_at_once(
    quick: Settings, tmp_path: Path, damage: bytes, said: str
) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    file = run.path / "run.yaml"
    file.write_bytes(file.read_bytes() + damage)
    with pytest.raises(RunError, match=rf"run\.yaml cannot be read: {said}"):
        resume(run)


def test_training_ends_when_more_epochs_are_done_than_are_asked_for(quick: Settings, tmp_path: Path) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=6)
    _edit(run, "epochs: 2", "epochs: 1")
    for file in (run.path / "checkpoint").glob("*.json"):
        file.write_text(file.read_text().replace('"epochs": 2,\n        "batch', '"epochs": 1,\n        "batch'))
        document = json.loads(file.read_text())
        document["run"]["config"]["recipe"]["changes"]["epochs"] = 1
        document["run"]["resolved"]["recipe"]["epochs"] = 1
        file.write_text(json.dumps(document))
    resume(run)
    assert len((run.path / "history.jsonl").read_text().splitlines()) == 2


def test_a_run_is_resumed_with_data_that_were_moved(
    trained: Run, quick: Settings, own_tiles: Path, tmp_path: Path
) -> None:
    run = _stopped_run({**quick, "root": own_tiles}, tmp_path / "run", after=3)
    moved = own_tiles.rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match=r"no longer here\n.*--root PATH"):
        resume(run)
    with pytest.raises(Interrupted):
        resume(run, root=moved, progress=Stopper(1))
    assert run.record.config.data.root == moved
    resume(run)
    assert _same_weights_and_measures(run, trained)


def test_a_run_is_resumed_with_data_that_were_moved_and_are_given_by_their_path_alone(
    trained: Run, quick: Settings, own_tiles: Path, tmp_path: Path
) -> None:
    run = _stopped_run({**quick, "root": own_tiles}, tmp_path / "run", after=3)
    moved = own_tiles.rename(tmp_path / "elsewhere")
    resume(run, data=str(moved))
    assert _same_weights_and_measures(run, trained)


def test_a_run_is_resumed_with_a_split_file_that_was_moved(quick: Settings, trained: Run, tmp_path: Path) -> None:
    table = Path(shutil.copyfile(trained.path / "split.csv", tmp_path / "split.csv"))
    run = _stopped_run({**quick, "split_file": table}, tmp_path / "run", after=3)
    moved = table.rename(tmp_path / "moved.csv")
    with pytest.raises(DataError, match=r"no longer here\n.*--split-file PATH"):
        resume(run)
    resume(run, split_file=moved)
    assert run.record.status == "finished"


def test_other_data_at_another_root_are_refused(quick: Settings, own_tiles: Path, tmp_path: Path) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=1)
    picture = next(own_tiles.rglob("*.png"))
    Image.open(picture).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(picture)
    with pytest.raises(RunError, match=r"data changed since the run started\n  data\.fingerprint"):
        resume(run, root=own_tiles)
    assert run.record.config.data.root == quick["root"]


def test_files_of_other_people_in_the_folder_of_checkpoints_stay_there(
    trained: Run, quick: Settings, tmp_path: Path
) -> None:
    run = _stopped_run({**quick, "save_every": 0}, tmp_path / "run", after=4)
    (run.path / "checkpoint" / "mine").mkdir()
    (run.path / "checkpoint" / "notes.txt").write_text("mine")
    resume(run)
    assert run.record.status == "finished"
    assert {path.name for path in (run.path / "checkpoint").iterdir()} == {"mine", "notes.txt"}
    assert _same(run, trained)


def test_a_damaged_file_of_the_best_weights_is_written_again(trained: Run, quick: Settings, tmp_path: Path) -> None:
    """The checkpoint before is used; the best epoch after it is the same, and its damaged file is not believed."""
    settings = {**quick, "save_every": 0, "epochs": 4, "select": "last", "patience": None}
    whole = train("resnet20", out=tmp_path / "whole", **{**settings, "select": "loss"})
    run = _stopped_run({**settings, "select": "loss"}, tmp_path / "run", after=10)
    best = max((run.path / "checkpoint").glob("best-*"))
    best.write_bytes(best.read_bytes()[:-1] + b"\0")
    with pytest.raises(Interrupted):
        resume(run, progress=Stopper(1))
    resume(run)
    assert _same(run, whole)


@pytest.mark.parametrize("edited", [True, False])
def test_results_of_an_unfinished_run_that_were_edited_or_deleted_are_written_anew(
    trained: Run, quick: Settings, tmp_path: Path, edited: bool
) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=4)
    for name in ("split.csv", "history.jsonl", "metrics.json", "predictions.csv", "curves.png"):
        if edited:
            (run.path / name).write_text("something else\n")
        else:
            (run.path / name).unlink(missing_ok=True)
    resume(run)
    assert _same(run, trained)
    for name in ("split.csv", "predictions.csv"):
        assert (run.path / name).read_bytes() == (trained.path / name).read_bytes()
    assert (run.path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_whose_clock_went_back_is_resumed(trained: Run, quick: Settings, tmp_path: Path) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=4)
    run.update(started="2999-01-01T00:00:00+00:00", ended="2999-01-01T00:00:01+00:00")
    resume(run)
    assert _same(run, trained)


def test_a_training_that_diverges_is_reported_with_its_step_and_images(quick: Settings, tmp_path: Path) -> None:
    with pytest.raises(
        TrainingError, match=r"(nan|\(.* more\)) in epoch \d, step \d of 3, on the images \w+/\d\d\.png, "
    ) as caught:
        train("resnet20", out=tmp_path / "run", **{**quick, "lr": 1e6, "warmup": 0.0})
    assert "a smaller --lr may help" in str(caught.value)
    assert Run.open(tmp_path / "run").record.status == "failed"


def test_the_command_resumes_a_run_and_refuses_changed_settings(
    command: Any, quick: Settings, tmp_path: Path, trained: Run
) -> None:
    run = _stopped_run(quick, tmp_path / "run", after=3)
    refused: Answer = command("train", "--resume", run, "--lr", "0.1")
    assert refused.status == 1
    assert "lr: 0.0003 then, 0.1 now" in refused.err
    answer: Answer = command("train", "resnet20", "--resume", run, "--save-every", "5")
    assert answer.status == 0, answer.err
    assert "resuming " in answer.err
    assert "balanced accuracy" in answer.out
    assert _same(run, trained)


FULL_DISK = """
set -u
mount -t tmpfs -o size=12m none "$1"
"$2" -m zoo train resnet20 --out "$1/run" --save-every 0 {options}
echo "status $?"
ls "$1/run/checkpoint"
mount -o remount,size=200m "$1"
"$2" -m zoo train --resume "$1/run" && cp -r "$1/run" "$3"
"""


@pytest.mark.slow
def test_a_full_disk_stops_training_and_leaves_the_last_checkpoint_intact(
    trained: Run, quick: Settings, tmp_path: Path
) -> None:
    """On a real file system with space for two checkpoints, but not for a third."""
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    settings = {**quick, "augment": "symmetries"}
    options = " ".join(f"--{key.replace('_', '-')}={value}" for key, value in settings.items())
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    script = FULL_DISK.format(options=options)
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", str(disk), sys.executable, str(kept)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "status 1" in done.stdout, done.stderr
    assert "a checkpoint cannot be written" in done.stderr
    assert "No space left on device" in done.stderr
    assert ".json" in done.stdout.partition("status 1")[2]
    assert ".part" not in done.stdout
    assert _same(Run.open(kept), trained)
