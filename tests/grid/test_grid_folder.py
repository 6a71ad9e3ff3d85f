from __future__ import annotations

from pathlib import Path

import pytest

from tests.grids import HOW, finish, lay
from zoo.errors import RunError
from zoo.grid.grid_config import GridConfig
from zoo.grid.grid_folder import Folder, is_grid
from zoo.grid.resume_grid import check_given
from zoo.runs import Run

WANTED = GridConfig(models=("resnet20",), seeds=2, options={"epochs": 2})
ONE, TWO = WANTED.cells


def test_it_says_all_that_is_needed_to_go_on() -> None:
    made = Folder.create(WANTED, HOW, None)
    assert made.path == Path("runs/grid-1")
    assert Folder.open("runs/grid-1").config == WANTED
    assert made.record["how"] == HOW
    assert Folder.create(WANTED, HOW, None).path == Path("runs/grid-2")


def test_it_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match="not empty"):
        lay(tmp_path / "full", WANTED)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_a_recipes_file_is_kept_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("epochs: 2\n")
    made = lay(tmp_path / "grid", GridConfig(models=("a",), options={"recipe": str(file)}))
    file.write_text("epochs: 99\n")
    used = Path(made.options_of(made.config.cells[0])["recipe"])
    assert used.name == "mine.yaml"
    assert used.read_text() == "epochs: 2\n"
    made.path.rename(tmp_path / "moved")
    moved = Folder.open(tmp_path / "moved")
    assert Path(moved.options_of(moved.config.cells[0])["recipe"]).is_file()


def test_a_recipes_file_given_again_must_hold_the_same(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("lr: 0.1\n", encoding="utf-8")
    made = lay(tmp_path / "grid", GridConfig(models=("a",), options={"recipe": str(file)}))
    check_given(made, {"recipe": str(file)})
    file.write_text("lr: 0.2\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"recipe: .*mine\.yaml has changed"):
        check_given(made, {"recipe": str(file)})
    file.unlink()
    with pytest.raises(RunError, match="cannot be read"):
        check_given(made, {"recipe": str(file)})


@pytest.mark.parametrize("text", ["", "[1, 2", "format: 99\n", "format: 1\nmodels: [a]\n"])
def test_a_damaged_one_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "grid.yaml").write_text(text)
    with pytest.raises(RunError, match=r"grid\.yaml"):
        _ = Folder.open(tmp_path).config


def test_another_folder_is_no_grid(tmp_path: Path) -> None:
    assert not is_grid(tmp_path)
    with pytest.raises(RunError, match="this is not a grid"):
        Folder.open(tmp_path)


def test_how_far_a_cell_has_come(tmp_path: Path, trained: Run) -> None:
    made = lay(tmp_path / "grid", WANTED)
    assert (made.state(ONE), made.begun(ONE)) == ("waiting", False)
    run = finish(made, ONE, trained, {"accuracy": 1.0})
    assert (made.state(ONE), made.begun(ONE), made.state(TWO)) == ("finished", True, "waiting")
    run.update({"status": "interrupted"})
    assert (made.state(ONE), made.begun(ONE)) == ("stopped", False)
    (run.path / "checkpoint").mkdir()
    (run.path / "checkpoint" / "step-000000001.json").write_text("{}")
    assert made.begun(ONE)
    made.error(ONE).write_text("no room\n")
    assert (made.state(ONE), made.reason(ONE)) == ("failed", "no room")
    (run.path / "run.yaml").write_text("")  # killed just then
    assert not made.begun(ONE)
