from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import zoo
from tests.process_group import ProcessGroup
from tests.warm_python import WarmPython
from zoo.batch_prediction import prediction_table
from zoo.batch_prediction.parquet import csv_to_parquet
from zoo.batch_prediction.write_table import TableWritten, write_predictions_table
from zoo.calibration import Calibration
from zoo.errors import UsageError
from zoo.progress import Silent
from zoo.runs import Run


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="", errors="surrogateescape") as file:
        return list(csv.DictReader(file))


def write(run: Run, images: Path, table: Path, **options: Any) -> TableWritten:
    return write_predictions_table([run.path], images, table, device="cpu", **options)


@pytest.fixture
def odd(tiles: Path, tmp_path: Path) -> Path:
    """Images with names that are hard to write in a table, and one that cannot be read."""
    folder = tmp_path / "odd"
    folder.mkdir()
    for number, name in enumerate(["a,b.png", 'say "cheese".png', "two\nlines.png", "ä ö.png", "=1+1.png"]):
        shutil.copy(tiles / "dark" / f"{number:02d}.png", folder / name)
    shutil.copy(tiles / "dark" / "06.png", os.fsencode(folder) + b"/\xff.png")
    (folder / "text.png").write_text("no picture")
    return folder


def test_the_table_has_every_image_once_with_its_probabilities_or_its_error(
    trained: Run, odd: Path, tmp_path: Path
) -> None:
    table = tmp_path / "out" / "answers.csv"
    assert write(trained, odd, table) == TableWritten(images=7, failed=1)
    rows = rows_of(table)
    wanted = list(zoo.predict(trained.path, odd))
    assert [row["path"] for row in rows] == [str(one.path) for one in wanted]
    for row, one in zip(rows, wanted, strict=True):
        if one.prediction is None:
            assert (row["predicted"], row["p_dark"], row["error"]) == ("", "", one.error)
        else:
            assert (row["predicted"], row["error"]) == (one.prediction.label, "")
            assert float(row["p_dark"]) == pytest.approx(one.prediction.probabilities["dark"], abs=1e-8)
    assert sorted(path.name for path in table.parent.iterdir()) == ["answers.csv"]


def test_a_carriage_return_in_a_file_name_does_not_end_a_row(trained: Run, tiles: Path, tmp_path: Path) -> None:
    names = ["a\rb.png", "c\r\nd.png", "\r.png"]
    for name in names:
        shutil.copy(tiles / "dark" / "00.png", tmp_path / name)
    write(trained, tmp_path, tmp_path / "answers.csv")
    assert {Path(row["path"]).name for row in rows_of(tmp_path / "answers.csv")} == set(names)
    pandas = pytest.importorskip("pandas")
    assert {Path(path).name for path in pandas.read_csv(tmp_path / "answers.csv")["path"]} == set(names)
    assert b"\r\n" not in (tmp_path / "answers.csv").read_bytes().replace(b"c\r\nd", b"")


def interrupted_after(run: Run, images: Path, table: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    add = prediction_table.PredictionTable.add
    written = 0

    def stop(self: prediction_table.PredictionTable, row: Any) -> None:
        nonlocal written
        add(self, row)
        written += 1
        if written == count:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(prediction_table.PredictionTable, "add", stop)
        with pytest.raises(KeyboardInterrupt):
            write(run, images, table, batch_size=1)


def test_an_interrupted_table_is_continued_to_the_same_bytes(
    trained: Run, odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(trained, odd, tmp_path / "whole.csv", batch_size=1)
    table = tmp_path / "stopped.csv"
    for count in (1, 3):
        interrupted_after(trained, odd, table, count, monkeypatch)
        assert not table.exists()
    seen: list[Path] = []
    add = prediction_table.PredictionTable.add
    monkeypatch.setattr(
        prediction_table.PredictionTable, "add", lambda self, row: (seen.append(row.path), add(self, row))
    )
    write(trained, odd, table, batch_size=1)
    assert len(seen) == 3
    assert table.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_rows_that_were_not_saved_before_a_crash_are_predicted_again(
    trained: Run, odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(trained, odd, tmp_path / "whole.csv")
    table = tmp_path / "stopped.csv"
    interrupted_after(trained, odd, table, 2, monkeypatch)
    part, _ = prediction_table.part_files(table, 0)
    with part.open("ab") as file:
        file.write(b'half a "row')
    write(trained, odd, table)
    assert [row["path"] for row in rows_of(table)] == [row["path"] for row in rows_of(tmp_path / "whole.csv")]


def test_a_table_is_not_continued_with_other_images_or_options(
    trained: Run, odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "stopped.csv"
    interrupted_after(trained, odd, table, 2, monkeypatch)
    with pytest.raises(UsageError, match="an unfinished table has other symmetries"):
        write(trained, odd, table, symmetries=True)
    (odd / "text.png").write_text("still no picture")
    with pytest.raises(UsageError, match="an unfinished table has other images"):
        write(trained, odd, table)
    (odd / "text.png").unlink()
    with pytest.raises(UsageError, match="an unfinished table has other images"):
        write(trained, odd, table)


@pytest.mark.parametrize("damage", ["no JSON", "a count is missing", "rows are missing"])
def test_a_damaged_state_of_an_unfinished_table_starts_it_anew(
    damage: str, trained: Run, odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "stopped.csv"
    interrupted_after(trained, odd, table, 2, monkeypatch)
    part, state = prediction_table.part_files(table, 0)
    if damage == "no JSON":
        state.write_text("{")
    elif damage == "a count is missing":
        state.write_text(state.read_text().replace('"bytes"', '"byte"'))
    else:
        part.write_bytes(part.read_bytes()[:20])
    write(trained, odd, table)
    assert len(rows_of(table)) == 7


def test_an_existing_table_is_not_overwritten(trained: Run, odd: Path, tmp_path: Path) -> None:
    for name, parquet in (("a.csv", False), ("a.parquet", True)):
        (tmp_path / name).write_text("mine")
        with pytest.raises(UsageError, match="nothing is overwritten"):
            write(trained, odd, tmp_path / name, parquet=parquet)
        assert (tmp_path / name).read_text() == "mine"


def test_parquet_has_the_same_rows_as_csv(trained: Run, tiles: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write(trained, tiles, tmp_path / "a.csv")
    assert write(trained, tiles, tmp_path / "a.parquet", parquet=True) == TableWritten(images=40, failed=0)
    found = parquet.read_table(tmp_path / "a.parquet").to_pylist()
    for one, row in zip(found, rows_of(tmp_path / "a.csv"), strict=True):
        assert {name: str(value) for name, value in one.items() if name in ("path", "predicted")} == {
            name: row[name] for name in ("path", "predicted")
        }
        assert one["p_dark"] == float(row["p_dark"])
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_table_that_was_stopped_while_it_became_parquet_is_continued(
    trained: Run, odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write(trained, odd, tmp_path / "whole.parquet", parquet=True)
    table = tmp_path / "stopped.parquet"

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(parquet.ParquetWriter, "write_batch", stop)
        with pytest.raises(KeyboardInterrupt):
            write(trained, odd, table, parquet=True)
    assert not table.exists()
    monkeypatch.setattr(prediction_table.PredictionTable, "add", lambda *_: pytest.fail("predicted again"))
    assert write(trained, odd, table, parquet=True) == TableWritten(images=7, failed=1)
    assert parquet.read_table(table).equals(parquet.read_table(tmp_path / "whole.parquet"))


def test_an_unfinished_csv_table_is_not_continued_as_parquet(
    trained: Run, odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    interrupted_after(trained, odd, tmp_path / "a", 2, monkeypatch)
    with pytest.raises(UsageError, match="an unfinished table has other format"):
        write(trained, odd, tmp_path / "a", parquet=True)


class Said(Silent):
    """Keeps the messages of a command."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


@pytest.fixture
def stack(tiles: Path, tmp_path: Path) -> Path:
    """A folder with an image and, sorted after it, a file of two pages."""
    folder = tmp_path / "stack"
    folder.mkdir()
    shutil.copy(tiles / "dark" / "00.png", folder / "a.png")
    with Image.open(folder / "a.png") as page:
        page.save(folder / "b.tif", save_all=True, append_images=[page])
    return folder


FIRST = "1 file with several pages or frames: only the first is predicted"


def test_a_continued_table_counts_the_stacks_of_before_too(
    trained: Run, stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted_after(trained, stack, tmp_path / "a.csv", 2, monkeypatch)
    said = Said()
    write(trained, stack, tmp_path / "a.csv", progress=said)
    assert FIRST in said.lines


def share_and_said(world: Any, run: str, images: str, table: str) -> list[str]:
    said = Said()
    write_predictions_table([run], images, Path(table), device="cpu", progress=said)
    return said.lines


def test_the_first_of_several_processes_counts_the_stacks_of_all(trained: Run, stack: Path, tmp_path: Path) -> None:
    group = ProcessGroup(2, tmp_path / "meeting")
    try:
        first, second = group.run(share_and_said, str(trained.path), str(stack), str(tmp_path / "two.csv"))
    finally:
        group.kill()
    assert (first.count(FIRST), second.count(FIRST)) == (1, 0)


def share(world: Any, run: str, images: str, table: str) -> TableWritten:
    return write_predictions_table([run], images, Path(table), device="cpu")


def test_two_processes_write_one_table_with_every_image_once(trained: Run, odd: Path, tmp_path: Path) -> None:
    write(trained, odd, tmp_path / "one.csv")
    group = ProcessGroup(2, tmp_path / "meeting")
    try:
        answers = group.run(share, str(trained.path), str(odd), str(tmp_path / "two.csv"))
    finally:
        group.kill()
    assert answers == [TableWritten(images=7, failed=1)] * 2
    one, two = rows_of(tmp_path / "one.csv"), rows_of(tmp_path / "two.csv")
    assert [row["path"] for row in two] == [row["path"] for row in one]
    assert [row["predicted"] for row in two] == [row["predicted"] for row in one]


@pytest.mark.slow
def test_a_killed_command_is_continued_by_typing_it_again(
    trained: Run, tiles: Path, tmp_path: Path, warm_python: WarmPython
) -> None:
    images = tmp_path / "many"
    images.mkdir()
    for number in range(3000):
        os.link(tiles / "dark" / f"{number % 20:02d}.png", images / f"{number:05d}.png")
    words = ["-m", "zoo", "predict", str(trained.path), str(images), "--csv", str(tmp_path / "a.csv")]
    state = prediction_table.part_files(tmp_path / "a.csv", 0)[1]
    process = subprocess.Popen([sys.executable, *words], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not state.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    if not (tmp_path / "a.csv").exists():
        assert json.loads(state.read_text())["rows"] <= 3000
        warm_python.run(words, folder=tmp_path, env=os.environ).check_returncode()
    rows = rows_of(tmp_path / "a.csv")
    assert [row["path"] for row in rows] == [str(path) for path in sorted(images.iterdir())]


def test_a_table_that_another_process_has_finished_meanwhile_is_not_overwritten(
    trained: Run, odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "a.csv"
    save = prediction_table.PredictionTable.save

    def finished_elsewhere(self: prediction_table.PredictionTable) -> None:
        save(self)
        table.write_text("of another process")

    monkeypatch.setattr(prediction_table.PredictionTable, "save", finished_elsewhere)
    with pytest.raises(UsageError, match="nothing is overwritten"):
        write(trained, odd, table)
    assert table.read_text() == "of another process"


def test_a_second_process_is_refused_while_a_table_is_written(
    trained: Run, odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, refused = prediction_table.PredictionTable.add, []

    def and_again(self: prediction_table.PredictionTable, row: Any) -> None:
        add(self, row)
        if not refused:
            with pytest.raises(UsageError, match="another process is writing this table") as error:
                write(trained, odd, tmp_path / "a.csv")
            refused.append(error)

    monkeypatch.setattr(prediction_table.PredictionTable, "add", and_again)
    write(trained, odd, tmp_path / "a.csv")
    assert len(rows_of(tmp_path / "a.csv")) == 7


def test_a_table_is_not_continued_with_the_same_weights_at_another_temperature(
    trained: Run, odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = zoo.from_pretrained(trained)
    first = Run(model.save(tmp_path / "first"))
    model.calibration = Calibration(images=8, temperature=3.0, reason=None)
    second = Run(model.save(tmp_path / "second"))
    table = tmp_path / "stopped.csv"
    interrupted_after(first, odd, table, 2, monkeypatch)
    with pytest.raises(UsageError, match="an unfinished table has other models"):
        write(second, odd, table)


def test_a_file_name_that_is_no_utf_8_is_escaped_in_parquet(trained: Run, odd: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert write(trained, odd, tmp_path / "a.parquet", parquet=True) == TableWritten(images=7, failed=1)
    paths = [row["path"] for row in parquet.read_table(tmp_path / "a.parquet").to_pylist()]
    assert len(paths) == 7
    assert f"{odd}/\\xff.png" in paths


def test_a_class_or_a_file_called_na_or_null_is_text_in_parquet(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "a.csv").write_text("path,predicted,p_NA,p_b,error\nnull,NA,0.9,0.1,\nb.png,,,,damaged\n")
    csv_to_parquet(tmp_path / "a.csv", tmp_path / "a.parquet", classes=["NA", "b"])
    assert parquet.read_table(tmp_path / "a.parquet").to_pylist() == [
        {"path": "null", "predicted": "NA", "p_NA": 0.9, "p_b": 0.1, "error": None},
        {"path": "b.png", "predicted": None, "p_NA": None, "p_b": None, "error": "damaged"},
    ]
