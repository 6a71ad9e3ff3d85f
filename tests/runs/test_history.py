from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.listening import Listener
from zoo import train
from zoo.errors import RunError
from zoo.runs import Run
from zoo.runs.history import Epoch, append_epoch, kept_epoch, read_history, write_history

pytestmark = pytest.mark.usefixtures("empty_charts")

ROW = Epoch(
    epoch=3,
    epochs=50,
    step=30,
    images=240,
    train_loss=0.5,
    val_loss=0.25,
    val_accuracy=0.75,
    val_balanced_accuracy=0.625,
    lr=1e-3,
    best=True,
    images_per_second=99.0,
    seconds=1.0,
    elapsed=3.0,
)


def test_epochs_are_read_back_from_the_history_as_they_were_written(tmp_path: Path) -> None:
    path, later = tmp_path / "history.jsonl", replace(ROW, epoch=4, val_loss=None, best=None)
    append_epoch(path, ROW)
    append_epoch(path, later)
    assert read_history(path) == [ROW, later]
    write_history(path, [ROW])
    assert read_history(path) == [ROW]
    write_history(path, [])
    assert path.read_text() == ""


def test_a_history_that_cannot_be_read_is_an_error_that_names_the_run(tmp_path: Path) -> None:
    assert Run(tmp_path).history == []
    (tmp_path / "history.jsonl").write_text('{"epoch": 1\n')
    with pytest.raises(RunError, match=r"history\.jsonl cannot be read") as found:
        _ = Run(tmp_path).history
    assert found.value.where == str(tmp_path)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "epoch  3/50  train loss 0.500  val loss 0.250  balanced accuracy 0.625  best"),
        ({"epoch": 12, "best": False}, "epoch 12/50  train loss 0.500  val loss 0.250  balanced accuracy 0.625"),
        (
            {"val_loss": None, "val_accuracy": None, "val_balanced_accuracy": None, "best": None},
            "epoch  3/50  train loss 0.500",
        ),
    ],
)
def test_the_line_of_an_epoch_has_the_values_that_exist(changes: dict[str, Any], line: str) -> None:
    assert replace(ROW, **changes).line == line


def test_the_line_of_an_epoch_fits_80_columns_up_to_thousands_of_epochs() -> None:
    assert len(replace(ROW, epochs=2000).line) <= 80


@pytest.mark.parametrize(
    ("best", "epoch"), [((True, True, False), 2), ((True, False, False), 1), ((None, None, None), 3)]
)
def test_the_kept_epoch_is_the_last_best_one_or_else_the_last(best: tuple[bool | None, ...], epoch: int) -> None:
    rows = [replace(ROW, epoch=number, best=flag) for number, flag in enumerate(best, 1)]
    assert kept_epoch(rows).epoch == epoch


@pytest.fixture
def train_and_listen(quick: dict[str, Any], tmp_path: Path) -> Callable[..., tuple[Run, list[str]]]:
    """A function that trains, and returns the run with the messages that it showed."""

    def run(**changes: Any) -> tuple[Run, list[str]]:
        listener = Listener()
        return train("resnet20", out=tmp_path / "run", progress=listener, **{**quick, **changes}), listener.heard

    return run


def test_the_printed_lines_can_be_made_again_from_the_history_file(
    train_and_listen: Callable[..., tuple[Run, list[str]]],
) -> None:
    run, heard = train_and_listen(epochs=3)
    rows = read_history(run.path / "history.jsonl")
    assert [line for line in heard if line.startswith("epoch ")] == [row.line for row in rows]
    assert [(row.epoch, row.epochs, row.step, row.images) for row in rows] == [
        (1, 3, 3, 24),
        (2, 3, 6, 48),
        (3, 3, 9, 72),
    ]
    best = kept_epoch(rows)
    value = best.val_balanced_accuracy
    assert f"best epoch: {best.epoch} of 3, validation balanced accuracy {value:.3f}" in heard
    assert run.record.outcome.best_epoch == best.epoch


def test_early_stopping_is_reported_with_the_best_epoch(train_and_listen: Callable[..., tuple[Run, list[str]]]) -> None:
    # with so small a learning rate no epoch is better than the first
    run, heard = train_and_listen(epochs=5, patience=1, lr=1e-12, averaging=0.0)
    assert len(read_history(run.path / "history.jsonl")) == 2
    said = "stopped early, with a patience of 1; best epoch: 1 of 2, validation "
    assert any(line.startswith(said) for line in heard)


def test_no_epoch_is_called_best_where_the_recipe_keeps_the_last_one(
    train_and_listen: Callable[..., tuple[Run, list[str]]],
) -> None:
    run, heard = train_and_listen(select="last", patience=None)
    rows = read_history(run.path / "history.jsonl")
    assert [row.best for row in rows] == [None, None]
    assert all(row.val_loss is not None for row in rows)
    assert not any("best" in line for line in heard)
    assert "the weights of the last epoch, 2, are kept" in heard
