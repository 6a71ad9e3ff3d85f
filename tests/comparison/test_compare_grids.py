"""The models of a grid are compared over their seeds and folds; its runs are made without training."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import zoo
from tests.grids import answer, finish_cell, grid_config, make_grid
from tests.installed_packages import Answer
from zoo.comparison.common_parts import common_parts
from zoo.comparison.compared_model import ComparedModel
from zoo.comparison.measured_run import MeasuredRun, stored_predictions
from zoo.errors import RunError, UsageError
from zoo.files import write_json
from zoo.grid.results_table import make_table
from zoo.metrics.metrics_file import MAIN
from zoo.runs import METRICS, Run
from zoo.runs.grid_folder import GridFolder

pytestmark = pytest.mark.usefixtures("empty_charts")

Command = Callable[..., Answer]


def finished(
    path: Path, like: Run, *models: str, seeds: int = 2, right: float = 0.8, unfinished: tuple[str, ...] = ()
) -> GridFolder:
    """Return a grid whose runs all have the test images of a real run; the first model is right more often."""
    made = make_grid(path, grid_config(*models, seeds=seeds))
    for number, cell in enumerate(made.config.cells):
        if cell.name not in unfinished:
            values = like.metrics.measures.values
            run = finish_cell(made, cell, like, values, split_digest="same")
            answer(run, seed=number, right=1.0 if cell.model == models[0] else right, patients=3)
            document = json.loads((run.path / METRICS).read_text())
            write_json(run.path / METRICS, {**document, "training_seed": cell.seed})
    return made


def test_the_models_of_a_grid_are_compared_over_all_their_seeds(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "resnet20", "senet20", "cbam20", right=0.6)
    found = zoo.compare([made.path], progress=False)
    assert found.models[0].name == "resnet20"
    assert {model.name: len(model.runs) for model in found.models} == dict.fromkeys(made.config.models, 2)
    assert found.trainings == "2 seeds of training on one split"
    assert found.patients == 6
    assert len(found.pairs) == 3
    assert found.models[1].deviations["loss"] > 0
    assert "resnet20" in found.sentence.split(" by ")[0]
    assert found.pairs[0].mcnemar is None


def test_a_grid_is_compared_with_a_model_that_was_trained_once(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20")
    one = answer(
        finish_cell(make_grid(tmp_path / "g", grid_config("dala")), grid_config("dala").cells[0], trained, {}),
        seed=9,
        patients=3,
    )
    found = zoo.compare([made.path, one], progress=False)
    assert len(found.models) == 3
    assert found.trainings == "1 to 2 trainings of each model on one split"
    assert "a model that was trained once is taken to vary between trainings as much as the others" in found.notes


def test_models_of_the_same_name_in_two_grids_are_told_apart(tmp_path: Path, trained: Run) -> None:
    first = finished(tmp_path / "one", trained, "senet20", "cbam20")
    second = finished(tmp_path / "two", trained, "senet20")
    names = {model.name for model in zoo.compare([first.path, second.path], progress=False).models}
    assert names == {f"senet20 ({first.path})", f"senet20 ({second.path})", "cbam20"}


def test_runs_that_are_not_finished_are_named_and_the_others_compared(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20", unfinished=("cbam20-seed1",))
    found = zoo.compare([made.path], progress=False)
    assert f"1 of 4 runs of {made.path} are not finished: cbam20-seed1" in found.notes
    assert {len(model.runs) for model in found.models} == {1, 2}


def test_a_cost_that_cannot_be_measured_is_a_note(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20", seeds=1)
    (made.run(made.config.cells[0]).bundle / "model.safetensors").write_bytes(b"damaged")
    found = zoo.compare([made.path], cost=True, device="cpu", progress=False)
    assert any(note.startswith("the cost of senet20 is not measured: ") for note in found.notes)
    assert {model.name: model.cost is None for model in found.models} == {"senet20": True, "cbam20": False}


def test_a_grid_without_a_finished_run_or_with_one_model_is_refused(tmp_path: Path, trained: Run) -> None:
    with pytest.raises(RunError, match="no run of this grid is finished"):
        zoo.compare([make_grid(tmp_path / "empty", grid_config("dala", "senet20")).path], progress=False)
    with pytest.raises(UsageError, match="at least two models"):
        zoo.compare([finished(tmp_path / "one", trained, "senet20").path], progress=False)


def test_a_run_given_beside_its_grid_or_its_bundle_is_a_model_given_twice(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20")
    run = made.run(made.config.cells[0])
    with pytest.raises(UsageError, match="given twice"):
        zoo.compare([made.path, run], progress=False)
    with pytest.raises(UsageError, match="given twice"):
        zoo.compare([run, run.bundle], progress=False)
    with pytest.raises(UsageError, match="given twice"):
        zoo.compare([run, f"{run.path}/../{run.path.name}"], progress=False)


def test_seeds_with_their_own_splits_are_compared_where_all_models_have_them(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20", seeds=3, unfinished=("cbam20-seed2",))
    for cell in made.config.cells:
        if made.is_finished(cell):
            _other_images(made.run(cell), cell.seed)
    found = zoo.compare([made.path], progress=False)
    assert found.trainings == "2 seeds, each with its own split"
    assert {len(model.runs) for model in found.models} == {2}
    assert any("are left out" in note and "senet20-seed2" in note for note in found.notes)
    difference = found.pairs[0].differences[MAIN]
    means = {model.name: model.values[MAIN] or 0 for model in found.models}
    assert difference.value == pytest.approx(means[found.pairs[0].first] - means[found.pairs[0].second])


def test_folds_that_are_measured_on_other_data_are_not_called_seeds_of_one_split(trained: Run) -> None:
    one = stored_predictions(trained)
    training = one.config.training
    assert training is not None

    def fold(number: int) -> MeasuredRun:
        split = replace(training.split, folds=3, fold=number)
        return replace(one, config=replace(one.config, training=replace(training, split=split)))

    folds = (fold(0), fold(1), fold(2))

    def trainings(*runs: tuple[MeasuredRun, ...]) -> str:
        return common_parts([ComparedModel(name=str(number), runs=of) for number, of in enumerate(runs)]).trainings

    assert trainings(folds, folds) == "3 folds of one split"
    assert trainings(folds, folds[:2]) == "2 to 3 trainings of each model on 3 splits"
    assert trainings(folds[:1], folds[1:2]) == "1 training of each model on 2 splits"
    assert trainings(folds[:1], folds[:1]) == "one training of each model"


def test_a_difference_that_is_not_that_of_the_means_beside_it_has_a_note(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20", seeds=3, unfinished=("cbam20-seed2",))
    for cell in made.config.cells:
        if made.is_finished(cell):
            _other_images(made.run(cell), cell.seed)
            measured = stored_predictions(made.run(cell)).training.values
            document = json.loads((made.run(cell).path / METRICS).read_text())
            known = {name: None if np.isnan(value) else value for name, value in measured.items()}
            document["measures"]["values"] = known
            write_json(made.run(cell).path / METRICS, document)
    table = make_table(made)
    of = {(row.model, row.measure): row for row in table.rows}
    best, other = of["senet20", "loss"], of["cbam20", "loss"]
    assert best.mean is not None
    assert other.mean is not None
    assert other.difference is not None
    assert other.difference.value != pytest.approx(best.mean - other.mean)
    (note,) = (note for note in table.notes if "is not the difference of the means" in note)
    assert note.startswith("cbam20: senet20 minus cbam20 in ")


def test_models_without_a_common_test_part_are_refused(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20", seeds=1)
    for number, cell in enumerate(made.config.cells):
        _other_images(made.run(cell), number)
    with pytest.raises(UsageError, match="were measured on different images: 12 and 12, with 0 in common"):
        zoo.compare([made.path], progress=False)
    table = make_table(made)
    assert table.comparison is None
    assert any("the models are not compared: " in note for note in table.notes)


def test_images_of_the_same_names_in_other_data_are_other_images(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20", seeds=1)
    run = made.run(made.config.cells[1])
    document = json.loads((run.path / METRICS).read_text())
    write_json(run.path / METRICS, {**document, "data": {**document["data"], "fingerprint": "other"}})
    with pytest.raises(UsageError, match="were measured on different images: 12 and 12, with 0 in common"):
        zoo.compare([made.path], progress=False)


def test_models_with_the_classes_in_another_order_are_refused(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20", seeds=1)
    run = made.run(made.config.cells[1])
    document = json.loads((run.path / METRICS).read_text())
    document["measures"]["classes"].reverse()
    write_json(run.path / METRICS, document)
    file = run.path / "predictions.csv"
    swapped = {"bright": "dark", "dark": "bright"}
    file.write_text(re.sub("bright|dark", lambda found: swapped[found[0]], file.read_text()))
    with pytest.raises(UsageError, match="have the same classes in another order: bright, dark, and dark, bright"):
        zoo.compare([made.path], progress=False)


def test_models_with_other_classes_are_refused(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20", seeds=1)
    run = made.run(made.config.cells[1])
    document = json.loads((run.path / METRICS).read_text().replace('"bright"', '"light"'))
    write_json(run.path / METRICS, document)
    file = run.path / "predictions.csv"
    file.write_text(file.read_text().replace("bright", "light"))
    with pytest.raises(UsageError, match="have different classes: bright, dark, and light, dark"):
        zoo.compare([made.path], progress=False)


def test_the_table_of_a_grid_has_the_paired_differences_and_the_answer(
    tmp_path: Path, trained: Run, command: Command
) -> None:
    made = finished(tmp_path / "grid", trained, "resnet20", "senet20", right=0.6)
    table = make_table(made)
    assert table.comparison is not None
    (row,) = (row for row in table.rows if row.measure == MAIN and row.model == "senet20")
    pair = table.comparison.pairs[0]
    assert (row.difference, row.p) == (pair.differences[MAIN], pair.corrected_p)
    assert all(row.difference is None for row in table.rows if row.model == "resnet20")
    printed = command("train", "--resume", made.path)
    assert printed.status == 0, printed.err
    assert table.comparison.sentence in printed.out
    assert "2 seeds of training on one split" in printed.out
    assert "resnet20 minus this" in printed.out
    assert (made.path / "report.html").is_file()
    assert "less_than_best" in (made.path / "table.csv").read_text()


def test_models_with_equal_values_are_not_called_better(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20", seeds=1, right=1.0)
    found = zoo.compare([made.path], progress=False)
    assert found.pairs[0].differences[MAIN].value == 0
    assert found.sentence == ("It cannot be said that senet20 is better than cbam20: they call all 12 images the same.")


def test_two_patients_are_too_few_for_an_interval_and_it_is_said(tmp_path: Path, trained: Run) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20", seeds=1, right=0.5)
    for number, cell in enumerate(made.config.cells):
        answer(made.run(cell), seed=number, right=1 - 0.5 * number, patients=1)
    found = zoo.compare([made.path], progress=False)
    assert found.patients == 2
    assert "no interval: only 1 patient of class bright, and it takes 3" in found.sentence


def _other_images(run: Run, number: int) -> None:
    """Give the images of a run's predictions other names and patients."""
    file = run.path / "predictions.csv"
    head, *rows = file.read_text().splitlines()
    named = [re.sub(r",(bright|dark) ", rf",\g<1>{number} ", f"{number}-{row}") for row in rows]
    file.write_text("\n".join([head, *named]) + "\n")
    assert len(np.unique(named)) == len(named)


def test_a_patient_of_several_test_parts_is_one_unit_in_whatever_order_the_images_are(trained: Run) -> None:
    one = stored_predictions(trained)
    runs = []
    for number, patients in enumerate((("b", "a", "c"), ("d", "c", "b"))):
        keys = tuple(f"{number}/{place:02d}" for place in range(len(one.keys)))
        groups = tuple(patients[place % 3] for place in range(len(keys)))
        runs.append(replace(one, keys=keys, groups=groups))
    found = common_parts([ComparedModel(name=name, runs=tuple(runs)) for name in ("first", "second")])
    assert found.patients == 4
    assert [part.units.tolist() for part in found.parts] == [[0, 1, 2], [1, 2, 3]]


def test_a_model_is_not_worse_by_more_than_a_margin_if_the_interval_of_the_difference_ends_before_it(
    tmp_path: Path, trained: Run
) -> None:
    made = finished(tmp_path / "grid", trained, "senet20", "cbam20", right=0.6)
    (pair,) = zoo.compare([made.path], progress=False).pairs
    low, high = pair.differences[MAIN].interval or (0, 0)
    assert low < high < 0.98
    for margin, holds in ((high + 0.01, True), (high - 0.01, False)):
        (found,) = zoo.compare([made.path], margin=margin, progress=False).pairs
        assert found.second_not_worse == holds
        assert found.first_not_worse == (low > -margin)
