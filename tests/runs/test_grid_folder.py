from __future__ import annotations

from pathlib import Path

import pytest

from tests.grids import finish_cell, grid_config, make_grid
from tests.records import STRANGE_YAML
from zoo.errors import RunError
from zoo.grid.resume_grid import check_given
from zoo.runs import Run, is_run
from zoo.runs.grid_folder import GridFolder, is_grid

CONFIG = grid_config("resnet20", seeds=2, epochs=2)
ONE, TWO = CONFIG.cells


def test_a_new_grid_has_the_next_free_folder_and_its_configuration_in_grid_yaml() -> None:
    made = GridFolder.create(CONFIG)
    assert made.path == Path("runs/grid-1")
    assert GridFolder.open("runs/grid-1").config == CONFIG
    assert GridFolder.create(CONFIG).path == Path("runs/grid-2")


def test_a_grid_never_overwrites_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match="not empty"):
        make_grid(tmp_path / "full", CONFIG)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_a_recipe_file_is_copied_into_the_grid_folder_which_can_be_moved(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("epochs: 2\n")
    made = make_grid(tmp_path / "grid", grid_config("resnet20", recipe=str(file)))
    file.write_text("epochs: 99\n")
    used = made.train_config(made.config.cells[0]).recipe_file
    assert used is not None
    assert used.name == "mine.yaml"
    assert used.read_text() == "epochs: 2\n"
    made.path.rename(tmp_path / "moved")
    moved = GridFolder.open(tmp_path / "moved")
    again = moved.train_config(moved.config.cells[0]).recipe_file
    assert again is not None
    assert again.is_file()


def test_resume_refuses_a_recipe_file_that_changed_or_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("lr: 0.1\n", encoding="utf-8")
    made = make_grid(tmp_path / "grid", grid_config("resnet20", recipe=str(file)))
    check_given(made, {"recipe": str(file)}, ())
    file.write_text("lr: 0.2\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"recipe: .*mine\.yaml has changed"):
        check_given(made, {"recipe": str(file)}, ())
    file.unlink()
    with pytest.raises(RunError, match="cannot be read"):
        check_given(made, {"recipe": str(file)}, ())


@pytest.mark.parametrize("name", ["grid.yaml", "run.yaml"])
def test_a_recipe_file_may_have_the_name_of_a_file_of_the_zoo(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("epochs: 2\n", encoding="utf-8")
    made = make_grid(tmp_path / "grid", grid_config("resnet20", recipe=str(file)))
    assert made.config.models == ("resnet20",)
    used = made.train_config(made.config.cells[0]).recipe_file
    assert used is not None
    assert used.read_text(encoding="utf-8") == "epochs: 2\n"
    assert not is_run(made.path)


def test_a_recipe_file_that_is_not_given_again_is_not_looked_for(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"  # the working directory
    file.write_text("lr: 0.1\n", encoding="utf-8")
    made = make_grid(tmp_path / "grid", grid_config("resnet20", recipe="mine.yaml"))
    file.write_text("lr: 0.2\n", encoding="utf-8")
    check_given(made, {}, ())
    with pytest.raises(RunError, match=r"recipe: mine\.yaml has changed"):
        check_given(made, {"recipe": "mine.yaml"}, ())
    file.unlink()
    with pytest.raises(RunError, match=r"mine\.yaml: cannot be read"):
        check_given(made, {"recipe": "mine.yaml"}, ())


def test_options_given_again_are_compared_by_their_values(tmp_path: Path) -> None:
    begun = grid_config("densenet121", model_options={"literal": True}, options={"seed": 3})
    made = make_grid(tmp_path / "grid", begun)
    for literal in ("yes", "True", True):
        check_given(made, {"model_options": {"literal": literal}, "options": {"seed": "3"}}, ())
    with pytest.raises(RunError, match=r"options: {'seed': 3} then, {'seed': 4} now"):
        check_given(made, {"options": {"seed": "4"}}, ())
    with pytest.raises(RunError, match=r"model_options: .*True.* then, .*False.* now"):
        check_given(made, {"model_options": {}}, ())


@pytest.mark.parametrize(
    "text",
    ["", "[1, 2", "format: 99\n", "format: 2\nmodels: [a]\n", "format: 2\nmodels: 3\ntrain: {}\n", *STRANGE_YAML],
)
def test_a_damaged_grid_yaml_is_reported(tmp_path: Path, text: str) -> None:
    (tmp_path / "grid.yaml").write_text(text)
    with pytest.raises(RunError, match=r"grid\.yaml"):
        _ = GridFolder.open(tmp_path).config


@pytest.mark.parametrize(
    ("old", "new"), [("      epochs: 2", "      epochs: 3"), ("seeds: 2", "seeds: 3"), ("- resnet20", "- senet20")]
)
def test_a_grid_yaml_that_was_edited_is_refused(tmp_path: Path, old: str, new: str) -> None:
    made = make_grid(tmp_path / "grid", CONFIG)
    file = made.path / "grid.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(RunError, match=r"grid\.yaml was edited.*\n  restore grid\.yaml, or start a new grid"):
        _ = made.config


def test_what_changes_no_result_may_be_edited_in_grid_yaml(tmp_path: Path) -> None:
    made = make_grid(tmp_path / "grid", CONFIG)
    file = made.path / "grid.yaml"
    file.write_text(file.read_text().replace("jobs: null", "jobs: 3").replace("save_every: 60.0", "save_every: 5.0"))
    assert made.config.execution.jobs == 3


@pytest.mark.parametrize(
    ("damage", "said"), [(b"\xff", "is not UTF-8 text"), (b"a: [1]\n" * 2_000_000, "is larger than 8 MB")]
)
def test_a_grid_yaml_that_is_damaged_or_too_large_is_one_error(tmp_path: Path, damage: bytes, said: str) -> None:
    made = make_grid(tmp_path / "grid", CONFIG)
    file = made.path / "grid.yaml"
    file.write_bytes(file.read_bytes() + damage)
    with pytest.raises(RunError, match=rf"grid\.yaml cannot be read: {said}"):
        _ = made.config


def test_a_folder_without_grid_yaml_is_refused(tmp_path: Path) -> None:
    assert not is_grid(tmp_path)
    with pytest.raises(RunError, match="this is not a grid"):
        GridFolder.open(tmp_path)


def test_the_state_of_a_cell_is_read_from_its_files(tmp_path: Path, trained: Run) -> None:
    made = make_grid(tmp_path / "grid", CONFIG)
    assert (made.state(ONE), made.can_resume(ONE)) == ("waiting", False)
    run = finish_cell(made, ONE, trained, {"accuracy": 1.0})
    assert (made.state(ONE), made.can_resume(ONE), made.state(TWO)) == ("finished", True, "waiting")
    run.update(status="interrupted")
    assert (made.state(ONE), made.can_resume(ONE)) == ("stopped", False)
    (run.path / "checkpoint").mkdir()
    (run.path / "checkpoint" / "step-000000001.json").write_text("{}")
    assert made.can_resume(ONE)
    made.error_file(ONE).write_text("no room\n")
    assert (made.state(ONE), made.error_text(ONE)) == ("failed", "no room")
    (run.path / "run.yaml").write_text("")  # its process was killed while it made the file
    assert not made.can_resume(ONE)
