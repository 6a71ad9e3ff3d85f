"""Several models, folders of runs, and grids, evaluated at once."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.evaluation.tables import draw_table
from tests.listening import Listener
from zoo import ZooError, evaluate, evaluate_many, from_pretrained
from zoo.errors import RunError, UsageError
from zoo.evaluation.evaluate_many import find_models
from zoo.metrics.metrics_file import SeenImages
from zoo.runs import Run


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_table(
        tmp_path_factory.mktemp("data") / "images",
        patients=8,
        images=2,
        label=lambda patient, number: ("bright", "dark")[patient % 2],
    )


def grid(path: Path, *bundles: Path, unfinished: int = 0) -> Path:
    """A folder of runs, the last of which have no bundle."""
    for number, bundle in enumerate(bundles):
        shutil.copytree(bundle, path / f"cell-{number}" / "bundle")
        (path / f"cell-{number}" / "run.yaml").touch()
    for number in range(unfinished):
        (path / f"later-{number}").mkdir(parents=True)
        (path / f"later-{number}" / "run.yaml").touch()
    (path / "logs").mkdir(parents=True)
    return path


def test_each_model_is_measured_as_it_would_be_alone_and_told_as_soon_as_it_is(
    untrained: Path, trained: Run, table: Path, listener: Listener
) -> None:
    told: list[str] = []
    found = evaluate_many(
        [untrained, trained],
        data="csv",
        root=table,
        each=lambda name, model, evaluation: told.append(f"{name}, {evaluation.metrics.measures.samples} images"),
        progress=listener,
    )
    assert list(found.evaluated) == [untrained.name, trained.path.name]
    assert found.evaluated[untrained.name].metrics == evaluate(untrained, data="csv", root=table).metrics
    assert found.same_images
    assert told == [f"{name}, 16 images" for name in found.evaluated]
    assert f"evaluating {untrained.name} (1 of 2)" in listener.heard


def test_the_finished_runs_of_a_grid_are_evaluated_and_the_others_named(
    untrained: Path, table: Path, tmp_path: Path
) -> None:
    folder = grid(tmp_path / "grid", untrained, untrained, unfinished=1)
    found = evaluate_many([folder], data="csv", root=table)
    assert list(found.evaluated) == ["cell-0", "cell-1"]
    assert found.unfinished == ("later-0",)


def test_a_grid_without_a_finished_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="none of the runs in this folder is finished"):
        evaluate_many([grid(tmp_path / "grid", unfinished=2)])


def test_models_with_the_same_folder_name_get_names_of_their_own_and_none_is_evaluated_twice(
    untrained: Path, tmp_path: Path
) -> None:
    first, second = grid(tmp_path / "a", untrained), grid(tmp_path / "b", untrained)
    names, _ = find_models([first, second, first / "cell-0", "you/cell-0", first / "cell-0"])
    assert list(names) == ["a-cell-0", "b-cell-0", "you-cell-0"]
    deeper = [grid(tmp_path / one / "g", untrained) for one in ("x", "y")]
    assert list(find_models(deeper)[0]) == ["g-cell-0-1", "g-cell-0-2"]


def test_a_model_that_cannot_be_evaluated_does_not_stop_the_others(
    untrained: Path, untrained_of_three: Path, table: Path
) -> None:
    found = evaluate_many([untrained_of_three, untrained], data="csv", root=table)
    assert list(found.evaluated) == [untrained.name]
    assert "the model has the classes bright, dark, gray" in str(found.failures[untrained_of_three.name])


def test_an_error_that_all_models_share_is_raised_once(untrained: Path, untrained_of_three: Path, table: Path) -> None:
    with pytest.raises(ZooError, match="unknown data source 'cvs'"):
        evaluate_many([untrained, untrained_of_three], data="cvs", root=table)


def test_a_single_text_or_nothing_is_not_a_list_of_models(untrained: Path) -> None:
    for models in (str(untrained), []):
        with pytest.raises(UsageError, match="give a list of models"):
            evaluate_many(models)  # type: ignore[arg-type]


def test_a_misspelt_keyword_is_a_type_error(untrained: Path) -> None:
    with pytest.raises(TypeError, match="dta"):
        evaluate_many([untrained], dta="csv")


def test_the_table_has_a_row_for_each_model_and_measure(untrained: Path, table: Path, tmp_path: Path) -> None:
    found = evaluate_many([untrained], data="csv", root=table)
    found.write_table(tmp_path / "out")
    with (tmp_path / "out" / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    measures = found.evaluated[untrained.name].metrics.measures
    assert [row["measure"] for row in rows] == list(measures.values)
    assert {(row["model"], row["images"], row["patients"], row["leaked"]) for row in rows} == {
        (untrained.name, "16", "8", "")
    }
    accuracy = next(row for row in rows if row["measure"] == "accuracy")
    assert float(accuracy["value"]) == measures.values["accuracy"]


@pytest.mark.parametrize(("images", "leaked"), [(0, ""), (3, "yes")])
def test_the_table_says_that_a_result_is_leaked_though_the_record_of_what_was_seen_is_incomplete(
    untrained: Path, table: Path, tmp_path: Path, images: int, leaked: str
) -> None:
    found = evaluate_many([untrained], data="csv", root=table)
    seen = SeenImages(known=False, images=images, identical=images, measured=True)
    (name, one), *_ = found.evaluated.items()
    marked = replace(one, metrics=replace(one.metrics, seen=seen))
    replace(found, evaluated={name: marked}).write_table(tmp_path / "out")
    with (tmp_path / "out" / "table.csv").open(newline="") as file:
        assert {row["leaked"] for row in csv.DictReader(file)} == {leaked}


def test_models_measured_on_their_own_test_parts_are_not_the_same_images(
    trained: Run, untrained: Path, table: Path
) -> None:
    first, second = evaluate(trained), evaluate(untrained, data="csv", root=table)
    from zoo.evaluation import Evaluations

    assert not Evaluations(evaluated={"a": first, "b": second}, failures={}, unfinished=()).same_images


def test_no_model_is_lost_because_its_folder_has_the_name_that_another_one_was_given(tmp_path: Path) -> None:
    models = [tmp_path / "a/g/m", tmp_path / "b/g/m", tmp_path / "c/g-m-1"]
    for model in models:
        model.mkdir(parents=True)
    found, _ = find_models(models)
    assert list(found.values()) == models


def test_models_with_the_same_classes_in_another_order_are_measured_by_the_names_of_the_classes(
    untrained: Path, table: Path, tmp_path: Path
) -> None:
    turned = from_pretrained(untrained)
    head = turned.network.get_submodule("fc")
    with torch.no_grad():
        for weights in head.parameters():
            weights.copy_(weights.flip(0))
    turned.config = replace(turned.config, classes=turned.classes[::-1])
    found = evaluate_many([untrained, turned.save(tmp_path / "turned")], data="csv", root=table)
    assert not found.failures
    assert found.same_images
    first, second = (one.metrics.measures for one in found.evaluated.values())
    assert first.classes == second.classes[::-1]
    assert first.per_class == second.per_class
    assert first.values["recall"] == second.values["specificity"]
    assert first.minority == second.minority, "of equally rare classes, the first by name"
    found.write_table(tmp_path / "out")
    with (tmp_path / "out" / "table.csv").open(newline="") as file:
        assert {(row["model"], row["positive"]) for row in csv.DictReader(file)} == {
            (untrained.name, "dark"),
            ("turned", "bright"),
        }
