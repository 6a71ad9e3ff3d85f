from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from tests.installed_packages import Answer
from tests.listening import Listener
from tests.reproduction.conftest import Lab, cell
from zoo import reproduce
from zoo.config.fields import SettingError
from zoo.errors import DataError, RunError, TrainingError, UnknownNameError, UsageError
from zoo.progress import Silent
from zoo.reproduction import reproduce_from, resume_reproduction
from zoo.reproduction.results import read_results
from zoo.runs.reproduction_folder import ReproductionFolder

BOTH = {"plain": [0.75], "squeezed": [0.75]}


def test_the_same_call_again_continues_in_the_same_folder_and_trains_nothing_twice(
    lab: Lab, listener: Listener
) -> None:
    first = lab.reproduce(BOTH, (0.7, 0.85))
    before = {path: path.stat().st_mtime_ns for path in first.path.rglob("*/run.yaml")}
    again = reproduce_from(lab.config(), progress=listener)
    assert again == first
    assert {path: path.stat().st_mtime_ns for path in first.path.rglob("*/run.yaml")} == before
    assert any("all 2 runs are already finished" in line for line in listener.heard)


def test_without_a_folder_the_last_one_with_the_same_settings_is_continued(lab: Lab, tmp_path: Path) -> None:
    lab.out.parent.mkdir(exist_ok=True)
    made = lab.reproduce(BOTH, (0.7, 0.85))
    for number, given in ((1, {}), (2, {"seed": 1})):
        moved = Path("runs", f"reproduce-tiny2025-{number}")
        moved.parent.mkdir(exist_ok=True)
        shutil.copytree(made.path, moved)
        (moved / "reproduction.yaml").unlink()
        ReproductionFolder(moved).write(lab.config(out=None, **given))
    assert reproduce_from(lab.config(out=None), progress=Silent()).path == Path("runs/reproduce-tiny2025-1")


def test_a_folder_of_another_reproduction_is_not_used(lab: Lab) -> None:
    lab.reproduce(BOTH, (0.7, 0.85))
    with pytest.raises(RunError, match="not empty"):
        reproduce_from(lab.config(seed=1), progress=Silent())


def test_resuming_refuses_other_settings_and_names_them(lab: Lab) -> None:
    made = lab.reproduce(BOTH, (0.7, 0.85))
    with pytest.raises(RunError, match="budget: 'full' then, 'smoke' now"):
        resume_reproduction(made.path, {"budget": "smoke"}, progress=False)
    with pytest.raises(RunError, match="paper: tiny2025 then, liu2023 now"):
        resume_reproduction(made.path, paper="liu2023", progress=False)
    with pytest.raises(RunError, match="not the folder of a reproduction"):
        resume_reproduction(made.path / "splits", progress=False)


def test_resuming_finds_data_that_were_moved(lab: Lab, tmp_path: Path) -> None:
    made = lab.reproduce(BOTH, (0.7, 0.85))
    moved = Path(shutil.copytree(lab.tiles, tmp_path / "moved"))
    for given in ({"root": moved}, {"data": f"folder:{moved}"}, {"data": str(moved)}):
        assert resume_reproduction(made.path, given, progress=False).results == made.results
        assert ReproductionFolder(made.path).config.data.root == moved


def test_a_grid_that_was_killed_before_it_had_a_configuration_is_started_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    module = import_module("zoo.grid.resume_grid")  # the name of the package is that of the function
    monkeypatch.setattr(module, "train_grid", lambda config, progress: started.append(config))
    folder = ReproductionFolder.for_config(lab.config())
    (folder.path / "image-tiles-all" / "logs").mkdir(parents=True)
    resume_reproduction(folder.path, progress=False)
    assert [config.models for config in started] == [("plain", "squeezed")]
    assert not (folder.path / "image-tiles-all").exists()


def test_an_edited_configuration_is_not_believed(lab: Lab) -> None:
    record = lab.reproduce(BOTH, (0.7, 0.85), budget="smoke").path / "reproduction.yaml"
    record.write_text(record.read_text().replace("budget: smoke", "budget: full"))
    with pytest.raises(RunError, match="was edited"):
        resume_reproduction(record.parent, progress=False)


def test_results_are_read_back_as_they_were_written_and_a_wrong_key_is_named(lab: Lab) -> None:
    made = lab.reproduce(BOTH, (0.7, 0.85))
    file = made.path / "results.json"
    assert read_results(file) == made.results
    file.write_text(file.read_text().replace('"paper_split"', '"papers_split"'))
    with pytest.raises(ValueError, match="paper_split"):
        read_results(file)


def breakhis_tree(root: Path, picture: Path, magnifications: tuple[str, ...], images: int) -> Path:
    """Make a folder with names of BreakHis: of each class and magnification as many images, each of another patient."""
    root.mkdir()
    for size in magnifications:
        for kind, year in (("B_A", 13), ("M_DC", 14)):
            for number in range(images):
                os.link(picture, root / f"SOB_{kind}-{year}-{number}-{size}-001.png")
    return root


def test_data_without_a_column_of_the_paper_are_refused_before_a_folder_is_made(tmp_path: Path, tiles: Path) -> None:
    tree = breakhis_tree(tmp_path / "tree", next(tiles.rglob("*.png")), ("40", "100", "400"), 30)
    with pytest.raises(DataError, match="no image at 200X") as caught:
        reproduce("liu2023", data="breakhis", root=tree, out=tmp_path / "out", models=("dala",), progress=False)
    assert "40, 100, 400" in str(caught.value)
    assert "--columns" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_too_few_images_for_the_papers_batches_are_refused_before_a_folder_is_made(tmp_path: Path, tiles: Path) -> None:
    tree = breakhis_tree(tmp_path / "tree", next(tiles.rglob("*.png")), ("40",), 10)
    with pytest.raises(TrainingError, match="larger than the training part, of 12 images") as caught:
        reproduce("liu2023", data="breakhis", root=tree, out=tmp_path / "out", columns=("40x",), progress=False)
    assert "--budget smoke" in str(caught.value)


def test_mistakes_are_refused_before_a_folder_is_made(tmp_path: Path, tiles: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(UnknownNameError, match="unknown paper"):
        reproduce("liu2024", data="sample", out=out, progress=False)
    with pytest.raises(UsageError, match="the data are not named; liu2023 was measured on breakhis"):
        reproduce("liu2023", out=out, progress=False)
    with pytest.raises(UnknownNameError, match="unknown option 'budgt'"):
        reproduce("liu2023", data="sample", budgt="smoke", out=out, progress=False)  # type: ignore[call-arg]
    with pytest.raises(SettingError, match="save_every must be at least 0"):
        reproduce("liu2023", data="sample", save_every=-1, out=out, progress=False)  # an option of the command, too
    with pytest.raises(UsageError, match="decided by the columns"):
        reproduce("liu2023", data="breakhis", root=tiles, options={"magnification": 40}, out=out, progress=False)
    with pytest.raises(DataError, match="there is no such folder"):
        reproduce("kim2023", data="lung", root=tmp_path / "nowhere", out=out, progress=False)
    assert not out.exists()


def test_the_command_names_the_data_that_are_needed_and_the_closest_paper(
    command: Callable[..., Answer],
) -> None:
    missing = command("reproduce", "liu2023")
    assert missing.status == 1
    assert "--data breakhis --root PATH" in missing.err
    assert "did you mean guo2024?" in command("reproduce", "gou2024").err


def test_without_a_paper_the_papers_are_listed(command: Callable[..., Answer]) -> None:
    listed = command("reproduce")
    assert listed.status == 0
    assert re.search(r"liu2023 .*\b10\b", listed.out)
    documents = command("reproduce", "--json").json
    assert {one["name"] for one in documents} == {"liu2023", "guo2024", "kim2023"}
    given = command("reproduce", "--data", "sample")
    assert given.status == 2
    assert "no paper given" in given.err


def test_the_help_says_what_a_reproduction_needs_and_where_it_is_saved(command: Callable[..., Answer]) -> None:
    said = " ".join(command("reproduce", "--help").out.split())
    assert "PAPER is liu2023, guo2024 or kim2023, or a paper of a registry file;" in said
    assert "[default: sample]" not in said
    assert "runs/reproduce-PAPER-N" in said
    assert "runs/grid-N" not in said
    assert "[default: paper]" in said  # not that of the setting of recipes with the same name
    assert "--seed N Random seed of the split and of training. [default: 0]" in said


def test_the_command_prints_the_papers_numbers_beside_ours_and_exits_with_1_if_a_run_failed(
    lab: Lab, command: Callable[..., Answer]
) -> None:
    made = lab.reproduce(BOTH, (0.7, 0.85))
    said = command("reproduce", "--resume", made.path)
    assert said.status == 0
    assert "0.8   0.750 (0.700 to 0.850)       -0.050   agrees" in said.out
    assert "271,954" in said.out
    assert made.results.answer in said.out
    document = command("reproduce", "--resume", made.path, "--json").json
    assert document["cells"][0]["verdict"] == cell(made, "plain").verdict
