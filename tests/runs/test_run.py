from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.records import STRANGE_YAML, run_record
from zoo.config.plain import plain
from zoo.errors import RunError
from zoo.files import write_text
from zoo.runs import RECORD, Run, is_run

RECORDED = run_record()


def test_a_new_run_writes_its_record_to_run_yaml(tmp_path: Path) -> None:
    run = Run.create(RECORDED, name="dala-sample", out=tmp_path / "deep" / "run")
    assert run.record == RECORDED
    document = yaml.safe_load((tmp_path / "deep" / "run" / RECORD).read_text(encoding="utf-8"))
    assert document == plain(RECORDED)
    assert list(document)[:2] == ["format", "status"]
    assert is_run(run.path)


def test_runs_are_numbered_and_none_is_overwritten() -> None:
    runs = [Run.create(run_record(split_digest=str(number)), name="dala-sample") for number in range(3)]
    assert [str(run) for run in runs] == ["runs/dala-sample-1", "runs/dala-sample-2", "runs/dala-sample-3"]
    assert [run.record.split_digest for run in runs] == ["0", "1", "2"]


def test_a_new_run_takes_the_first_free_number(tmp_path: Path) -> None:
    Path("runs/dala-2").mkdir(parents=True)
    assert [Run.create(RECORDED, name="dala").path.name for _ in range(2)] == ["dala-1", "dala-3"]
    assert list(Path("runs/dala-2").iterdir()) == []


def _at_once(make: Any, count: int = 8) -> list[Any]:
    """What each of several threads got that began together."""
    gate, found = threading.Barrier(count), []

    def work() -> None:
        gate.wait()
        try:
            found.append(make())
        except RunError as error:
            found.append(error)

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_runs_created_at_the_same_time_get_different_folders() -> None:
    runs = _at_once(lambda: Run.create(RECORDED, name="dala"))
    assert len({run.path for run in runs}) == 8


@pytest.mark.parametrize("there", [True, False])
def test_of_several_runs_created_at_once_in_one_folder_only_one_succeeds(tmp_path: Path, there: bool) -> None:
    for number in range(10):
        out = tmp_path / f"run{number}"
        if there:
            out.mkdir()
        found = _at_once(lambda out=out: Run.create(RECORDED, name="dala", out=out))
        assert [type(one) for one in found].count(Run) == 1
        errors = [str(one) for one in found if not isinstance(one, Run)]
        assert all(f"{out}: the folder is not empty" in text for text in errors)
        assert Run.open(out).record.status == "running"


def test_an_empty_folder_can_become_a_run_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert Run.create(RECORDED, name="x", out=tmp_path / "empty").path == tmp_path / "empty"


def test_a_folder_that_is_not_empty_is_refused_and_left_unchanged(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RunError) as caught:
        Run.create(RECORDED, name="x", out=tmp_path)
    assert "a run never overwrites another" in str(caught.value)
    assert "--out" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(("name", "text"), [("file", "File exists"), ("file/run", "Not a directory")])
def test_a_run_folder_that_cannot_be_created_is_an_error_with_the_reason(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunError) as caught:
        Run.create(RECORDED, name="x", out=tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: cannot be written: {text}")
    assert "choose another folder with --out" in str(caught.value)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_file_named_runs_is_a_clear_error(tmp_path: Path) -> None:
    Path("runs").touch()
    with pytest.raises(RunError, match=r"runs: cannot be written: (.*)\n  choose another folder with --out"):
        Run.create(RECORDED, name="x")


def test_a_run_folder_without_write_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(RunError, match="cannot be written: Permission denied"):
        Run.create(RECORDED, name="x", out=tmp_path / "run")


def test_creating_a_run_on_a_full_disk_leaves_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("zoo.config.yaml_file.write_text", full)
    with pytest.raises(OSError, match="No space left on device"):
        Run.create(RECORDED, name="x", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    monkeypatch.setattr("zoo.config.yaml_file.write_text", write_text)
    assert Run.create(RECORDED, name="x", out=tmp_path / "run").record.status == "running"


def test_update_changes_only_the_given_fields(tmp_path: Path) -> None:
    run = Run.create(RECORDED, name="x", out=tmp_path / "run")
    run.update(split_digest="4567", error="none")
    assert run.record == replace(RECORDED, split_digest="4567", error="none")


def test_finish_records_the_status_the_error_and_the_time(tmp_path: Path) -> None:
    run = Run.create(RECORDED, name="x", out=tmp_path / "run")
    run.finish("failed", error="the loss became nan")
    record = run.record
    assert (record.status, record.error) == ("failed", "the loss became nan")
    assert record.ended is not None
    assert record.ended >= record.started


def test_a_failed_update_leaves_run_yaml_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run.create(RECORDED, name="x", out=tmp_path / "run")
    before = run.record

    def full(path: Path, *_: Any, **__: Any) -> None:
        path.open("w").close()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        run.finish("finished")
    assert run.record == before
    assert [path.name for path in run.path.iterdir()] == [RECORD]


def test_a_folder_without_run_yaml_is_not_a_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"there is no run\.yaml, so this is not a run"):
        Run.open(tmp_path)


def test_a_path_that_cannot_be_a_folder_is_not_a_run() -> None:
    with pytest.raises(RunError, match="this is not a run folder"):
        Run.open("x" * 5000)


@pytest.mark.parametrize(
    "text", ["", "- a list", "a: [", "\x00", "format: 1\n", "format: 2\nstatus: running\n", *STRANGE_YAML]
)
def test_a_damaged_run_yaml_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    (tmp_path / RECORD).write_text(text)
    with pytest.raises(RunError) as caught:
        _ = Run.open(tmp_path).record
    assert str(caught.value).startswith(f"{tmp_path}: {RECORD} ")


@pytest.mark.parametrize("text", [None, "{", "", "[]"])
def test_metrics_that_are_missing_or_damaged_are_an_error_of_the_run(tmp_path: Path, text: str | None) -> None:
    run = Run.create(RECORDED, name="x", out=tmp_path / "run")
    if text is not None:
        (run.path / "metrics.json").write_text(text)
    with pytest.raises(RunError, match=r"metrics\.json cannot be read"):
        _ = run.metrics


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": "asleep"}, "status must be one of running"),
        ({"strange": 1}, "strange is unknown"),
        ({"code": None}, "code must be a mapping"),
    ],
)
def test_a_record_with_a_wrong_or_unknown_key_is_reported_with_the_key(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    run = Run.create(RECORDED, name="x", out=tmp_path / "run")
    (run.path / RECORD).write_text(yaml.safe_dump({**plain(RECORDED), **change}), encoding="utf-8")
    with pytest.raises(RunError, match=rf"run\.yaml cannot be read: .*{said}"):
        _ = run.record


def test_a_record_without_a_key_is_reported_with_the_key(tmp_path: Path) -> None:
    run = Run.create(RECORDED, name="x", out=tmp_path / "run")
    document = plain(RECORDED)
    del document["resolved"]["recipe"]
    (run.path / RECORD).write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(RunError, match=r"resolved\.recipe is missing"):
        _ = run.record


def test_metrics_with_a_renamed_key_are_an_error_that_names_the_key(trained: Run, tmp_path: Path) -> None:
    document = (trained.path / "metrics.json").read_text().replace('"training_seed"', '"seed_of_training"')
    run = Run.create(RECORDED, name="x", out=tmp_path / "run")
    (run.path / "metrics.json").write_text(document)
    with pytest.raises(RunError) as caught:
        _ = run.metrics
    assert "training_seed is missing; seed_of_training is unknown" in str(caught.value)
