"""What `zoo train` prints when a run is finished."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from zoo.cli.output.run_summary import print_evaluation, print_summary
from zoo.metrics.metrics_file import EvaluatedPart, SeenImages
from zoo.runs import Run

OUTCOME = {
    "epochs_run": 17,
    "best_epoch": 12,
    "seconds": 290.0,
    "seconds_to_best": 201.4,
    "images_per_second": 95.31,
    "peak_memory_bytes": 1_240_000_000,
    "energy_joules": 43_200.0,
}


@pytest.fixture
def printed(trained: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, str]]:
    """Names and values as they are printed for a run with another outcome."""

    def summary(outcome: dict[str, Any] | None = None, **changes: Any) -> dict[str, str]:
        run = Run(shutil.copytree(trained.path, tmp_path / "run"))
        record = run.record
        resolved = replace(record.resolved, **changes)
        assert record.outcome is not None
        run.update(outcome=replace(record.outcome, **(outcome or {})), resolved=resolved)
        print_summary(run)
        block = capsys.readouterr().out.split("\n\n")[1]
        widths = {len(line) - len(line.split("  ", 1)[1].lstrip()) for line in block.splitlines()}
        assert len(widths) == 1  # the values are aligned
        (width,) = widths
        return {line[:width].rstrip(): line[width:] for line in block.splitlines()}

    return summary


def test_the_summary_has_every_known_fact_of_the_training(printed: Callable[..., dict[str, str]]) -> None:
    assert printed(OUTCOME) == {
        "parameters": "271,954",
        "best epoch": "12 of 17",
        "time to the best epoch": "0:03:21",
        "speed": "95.3 images/s",
        "peak memory": "1.24 GB, of the process",
        "energy": "12 Wh, of the GPU",
        "curves": str(Path("run/curves.png").resolve()),
    }


def test_unknown_facts_are_left_out_of_the_summary(printed: Callable[..., dict[str, str]]) -> None:
    found = printed({**OUTCOME, "peak_memory_bytes": None, "energy_joules": None})
    assert not {"energy", "peak memory"} & set(found)


def test_peak_memory_of_a_gpu_run_is_that_of_the_gpu(printed: Callable[..., dict[str, str]]) -> None:
    assert printed(OUTCOME, device="cuda")["peak memory"] == "1.24 GB, of the GPU's memory"


def test_a_kept_last_epoch_is_not_called_the_best(printed: Callable[..., dict[str, str]], trained: Run) -> None:
    recipe = trained.record.resolved.recipe.changed({"select": "last"})
    found = printed({**OUTCOME, "seconds_to_best": 3.21}, recipe=recipe)
    assert "best epoch" not in found
    assert found["epoch kept"] == "12 of 17"
    assert found["time to the last epoch"] == "3.2 s"


def test_the_summary_of_a_trained_run_agrees_with_its_record(
    printed: Callable[..., dict[str, str]], trained: Run
) -> None:
    outcome, found = trained.record.outcome, printed()
    assert outcome is not None
    assert found["best epoch"] == f"{outcome.best_epoch} of 2"
    assert found["speed"] == f"{outcome.images_per_second:.1f} images/s"
    assert found["peak memory"].endswith("B, of the process")
    assert Path(found["curves"]).is_file()


def next_commands(out: str) -> dict[str, list[str]]:
    """The commands that were printed, as a shell splits them, by the comment above each."""
    lines = [line.strip() for line in out.partition("Next:\n")[2].splitlines()]
    assert all(line.startswith("# ") for line in lines[::2])
    return {
        line.removeprefix("# "): shlex.split(command) for line, command in zip(lines[::2], lines[1::2], strict=True)
    }


def test_suggested_commands_work_as_printed_for_a_path_with_spaces(
    trained: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], run: Command
) -> None:
    print_summary(Run(shutil.copytree(trained.path, tmp_path / "my run")))
    commands = next_commands(capsys.readouterr().out)
    predict, evaluate = (
        commands["predict the class of an image"],
        commands["measure the model again on the same images"],
    )
    for program, *words in (predict, evaluate):
        assert program == "zoo"
        answer = run(*words)
        assert answer.status == 0, answer.err
    assert Path(predict[-1]).is_file()
    assert commands["open the model in the browser"] == ["zoo", "demo", str(tmp_path / "my run")]
    assert commands["publish the model on the Hugging Face Hub"][-1] == "YOU/resnet20"


def test_an_image_that_was_deleted_is_not_suggested(
    trained: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = Run(shutil.copytree(trained.path, tmp_path / "run"))
    _move_data(moved, tmp_path / "gone" / "data")
    print_summary(moved)
    assert next_commands(capsys.readouterr().out)["predict the class of an image"][-1] == "tile.png"


def test_an_image_is_suggested_by_its_path_where_the_key_is_only_its_name(
    trained: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = Run(shutil.copytree(trained.path, tmp_path / "run"))
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "deep" / "first.png").touch()
    (moved.path / "predictions.csv").write_text("key,label\nfirst.png,dark\n", encoding="utf-8")
    _move_data(moved, tmp_path / "data")
    print_summary(moved)
    assert next_commands(capsys.readouterr().out)["predict the class of an image"][-1] == "data/deep/first.png"


def test_after_a_synthetic_run_real_data_are_suggested_first(
    trained: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = Run(shutil.copytree(trained.path, tmp_path / "run"))
    drawn.update(data=replace(drawn.record.data, synthetic=True))
    print_summary(drawn)
    first, second, *_ = next_commands(capsys.readouterr().out).values()
    assert first == ["zoo", "data", "fetch", "breakhis"]
    data = ["--data", "breakhis", "--root", "BreaKHis_v1"]
    assert second == ["zoo", "train", "resnet20", *data, "--recipe", "modern"]  # not that of its paper, guo2024


def _move_data(run: Run, root: Path) -> None:
    config = run.record.config
    run.update(config=replace(config, data=replace(config.data, root=root)))


def test_images_seen_in_training_are_marked_before_the_first_number(
    trained: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = SeenImages(known=True, images=7, identical=7, measured=True)
    print_evaluation(replace(trained.metrics, split=EvaluatedPart(part="all"), seen=seen))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("LEAKED: the model was trained or validated on 7 of these images (")
    assert "measured on 12 images of tiles (all images)" in lines[1]


def test_an_incomplete_record_of_what_was_seen_does_not_make_a_leak_a_possible_one(
    trained: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = SeenImages(known=False, images=7, identical=7, measured=True)
    print_evaluation(replace(trained.metrics, seen=seen))
    first, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("LEAKED: the model was trained or validated on 7 of these images (")
    assert "since the record of what it was trained on is incomplete. These results are too good" in first


def test_images_that_were_left_out_are_counted(trained: Run, capsys: pytest.CaptureFixture[str]) -> None:
    seen = SeenImages(known=True, images=7, identical=7)
    print_evaluation(replace(trained.metrics, split=EvaluatedPart(part="all"), seen=seen))
    assert "(all images but 7 seen in training)" in capsys.readouterr().out


def test_one_class_for_every_image_is_said_first_and_once(trained: Run, capsys: pytest.CaptureFixture[str]) -> None:
    note = "all 12 images were classified as dark: this model does not tell the classes apart"
    measures = replace(trained.metrics.measures, confusion=((0, 6), (0, 6)), notes=(note,))
    print_evaluation(replace(trained.metrics, measures=measures))
    out = capsys.readouterr().out
    assert out.startswith(f"One class for every image: {note}.")
    assert out.count(note) == 1


def test_the_fold_is_named(trained: Run, capsys: pytest.CaptureFixture[str]) -> None:
    split = EvaluatedPart(unit="image", seed=0, part="test", folds=5, fold=0)
    print_evaluation(replace(trained.metrics, split=split))
    assert "(test part of a split by image, fold 0 of 5 (counted from 0), seed 0)" in capsys.readouterr().out


def test_small_parts_are_named_before_the_measures(trained: Run, capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(trained)
    out = capsys.readouterr().out
    few = "the validation part has only 4 images: too few for calibration, or for choosing the epoch"
    assert f"Too small: {few}." in out
    assert "Too small: the test part has only 12 images: each changes the accuracy by 8%." in out
    assert out.index("Too small") < out.index("measured on")
