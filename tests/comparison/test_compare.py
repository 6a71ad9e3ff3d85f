from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zoo
from tests.installed_packages import Answer
from zoo.cli.output.comparison_summary import print_comparison
from zoo.comparison import Comparison
from zoo.config.plain import plain
from zoo.errors import RunError, UnknownNameError, UsageError
from zoo.evaluation.predictions_csv import read_predictions
from zoo.files import write_json
from zoo.runs import METRICS, PREDICTIONS, Run

Command = Callable[..., Answer]


@pytest.fixture(scope="session")
def other(quick: dict[str, Any], cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of another model on the same split."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        return zoo.train("senet20", out=tmp_path_factory.mktemp("runs") / "other", **quick)


def copied(run: Run, folder: Path) -> Run:
    shutil.copytree(run.path, folder)
    return Run.open(folder)


def test_two_runs_of_the_same_split_are_compared_by_their_predictions(trained: Run, other: Run) -> None:
    found = zoo.compare([trained, other], progress=False)
    assert {one.name for one in found.models} == {"resnet20", "senet20"}
    assert found.images == trained.metrics.measures.samples
    values = {one.name: one.values for one in found.models}
    assert values["resnet20"] == trained.metrics.measures.values
    assert values["senet20"] == other.metrics.measures.values
    (pair,) = found.pairs
    difference = pair.differences["loss"].value
    assert difference == pytest.approx((values[pair.first]["loss"] or 0) - (values[pair.second]["loss"] or 0))
    assert pair.first in found.sentence
    assert json.dumps(plain(found), allow_nan=False)


def test_a_run_compared_with_itself_is_not_better(trained: Run, tmp_path: Path) -> None:
    found = zoo.compare([trained, copied(trained, tmp_path / "copy")], progress=False)
    assert "cannot be said" in found.sentence
    assert found.pairs[0].agreement == 1
    assert found.disagreements == ()
    assert [one.name for one in found.models] == [str(trained), str(tmp_path / "copy")]


def test_each_model_answers_by_its_own_threshold_and_temperature(trained: Run, tmp_path: Path) -> None:
    found = read_predictions(trained.path / PREDICTIONS, classes=trained.metrics.measures.classes)
    odds = (found.logits[:, 1] - found.logits[:, 0]) / 2
    threshold = float(np.sort(1 / (1 + np.exp(-odds)))[-2:].mean())  # so only one image is called the second class
    cautious = copied(trained, tmp_path / "cautious")
    assert trained.metrics.calibration
    calibration = replace(trained.metrics.calibration, temperature=2.0, threshold=threshold, chosen="given")
    write_json(cautious.path / METRICS, plain(replace(trained.metrics, calibration=calibration)))
    measured = {one.name: one.values for one in zoo.compare([trained, cautious], progress=False).models}
    called = odds > np.log(threshold / (1 - threshold))
    assert called.sum() == 1
    assert measured[str(cautious)]["accuracy"] == pytest.approx(np.mean(called == found.labels))
    assert measured[str(cautious)]["auroc"] == measured[str(trained)]["auroc"]
    loss = np.logaddexp(0, np.where(found.labels == 1, -odds, odds))
    assert measured[str(cautious)]["loss"] == pytest.approx(loss.mean())
    comparison = zoo.compare([trained, cautious], progress=False)
    (pair,) = comparison.pairs
    assert pair.agreement == pytest.approx(np.mean(called == (found.logits[:, 1] > found.logits[:, 0])))
    different = dict(zip(found.keys, called, strict=True))
    assert len(comparison.disagreements) == round((1 - pair.agreement) * len(called)) > 0
    for one in comparison.disagreements:
        assert one.answers[str(cautious)] == trained.metrics.measures.classes[int(different[one.key])]


def test_bundles_are_compared_on_data_that_are_given(trained: Run, other: Run, tiles: Path) -> None:
    found = zoo.compare([trained.bundle, other.bundle], root=tiles, data="folder", progress=False)
    assert found.images == trained.metrics.measures.samples


def test_models_tested_on_one_class_alone_are_not_compared_and_the_error_says_why(
    trained: Run, other: Run, tmp_path: Path
) -> None:
    one, two = copied(trained, tmp_path / "one"), copied(other, tmp_path / "two")
    for run in (one, two):
        lines = (run.path / PREDICTIONS).read_text().splitlines()
        bright = [line for line in lines[1:] if line.split(",")[2] == "bright"]
        (run.path / PREDICTIONS).write_text("\n".join([lines[0], *bright]) + "\n")
    with pytest.raises(UsageError, match=r"balanced accuracy is undefined, since no image .* is dark"):
        zoo.compare([one, two], progress=False)


def test_options_of_the_data_are_not_ignored_in_favor_of_the_stored_predictions(trained: Run, other: Run) -> None:
    with pytest.raises(UnknownNameError, match="colour"):
        zoo.compare([trained, other], options={"colour": "grey"}, progress=False)


def test_runs_measured_on_different_images_are_refused(trained: Run, other: Run, tmp_path: Path) -> None:
    fewer = copied(other, tmp_path / "fewer")
    lines = (fewer.path / PREDICTIONS).read_text().splitlines()
    (fewer.path / PREDICTIONS).write_text("\n".join(lines[:-2]) + "\n")
    with pytest.raises(UsageError, match="were measured on different images: 12 and 10, with 10 in common"):
        zoo.compare([trained, fewer], progress=False)


@pytest.mark.parametrize(
    "text", ["", "key,group\n", "key,group,label,predicted,logit_bright,logit_dark\na,,grey,x,1,2\n"]
)
def test_damaged_predictions_are_an_error_that_names_the_run(
    trained: Run, other: Run, tmp_path: Path, text: str
) -> None:
    damaged = copied(other, tmp_path / "damaged")
    (damaged.path / PREDICTIONS).write_text(text)
    with pytest.raises(RunError, match="cannot be read") as error:
        zoo.compare([trained, damaged], progress=False)
    assert error.value.where == str(damaged)


def _without_paths(found: Comparison) -> Comparison:
    return replace(found, models=tuple(replace(model, runs=()) for model in found.models))


def test_the_order_of_the_rows_does_not_matter(trained: Run, other: Run, tmp_path: Path) -> None:
    shuffled = copied(other, tmp_path / "shuffled")
    with (shuffled.path / PREDICTIONS).open(newline="") as file:
        head, *rows = csv.reader(file)
    with (shuffled.path / PREDICTIONS).open("w", newline="") as file:
        csv.writer(file).writerows([head, *reversed(rows)])
    there, back = (zoo.compare([trained, one], progress=False) for one in (shuffled, other))
    assert _without_paths(there) == _without_paths(back)


def test_one_model_or_an_impossible_margin_is_refused(trained: Run, other: Run) -> None:
    with pytest.raises(UsageError, match="at least two models"):
        zoo.compare([trained])
    with pytest.raises(UsageError, match="given twice"):
        zoo.compare([trained, other, str(trained.path)])
    with pytest.raises(UsageError, match="margin must be between 0 and 1"):
        zoo.compare([trained, other], margin=2)


def test_zoo_compare_prints_the_answer_and_the_differences(command: Command, trained: Run, other: Run) -> None:
    answer = command("compare", str(trained), str(other), "--margin", "0.1", "--no-cost")
    assert answer.status == 0, answer.err
    found = zoo.compare([trained, other], progress=False)
    assert found.sentence in answer.out
    assert "balanced accuracy" in answer.out
    document = command("compare", str(trained), str(other), "--json", "--no-cost")
    assert json.loads(document.out)["sentence"] == found.sentence


def test_zoo_compare_rounds_no_share_to_all_and_no_p_value_to_the_limit(
    trained: Run, other: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    found = zoo.compare([trained, other], progress=False)
    pairs = tuple(replace(pair, agreement=0.9962, corrected_p=0.0496) for pair in found.pairs)
    print_comparison(replace(found, pairs=pairs))
    out = capsys.readouterr().out
    assert " 0.0496 " in out
    assert " 99.6 % " in out


def test_another_seed_of_training_has_the_same_split_if_that_has_a_seed_of_its_own(
    trained: Run, quick: dict[str, Any], tiles: Path, tmp_path: Path
) -> None:
    again = zoo.train("resnet20", out=tmp_path / "again", seed=1, split_seed=0, **quick)
    assert again.record.split_digest == trained.record.split_digest
    assert again.metrics.training_seed == 1
    found = zoo.compare([trained, again], progress=False)
    assert found.images == trained.metrics.measures.samples
    of_bundle = zoo.evaluate(again.bundle, root=tiles, progress=False)
    assert of_bundle.metrics.measures == again.metrics.measures


def test_runs_with_different_splits_are_refused(trained: Run, quick: dict[str, Any], tmp_path: Path) -> None:
    other = zoo.train("resnet20", out=tmp_path / "other", seed=1, **{**quick, "epochs": 1})
    with pytest.raises(UsageError, match="were measured on different images") as error:
        zoo.compare([trained, other], progress=False)
    assert "--split-seed" in (error.value.hint or "")


def test_the_command_writes_a_report_with_the_cost_and_overwrites_none(
    command: Command, trained: Run, other: Run
) -> None:
    given = ("compare", str(trained), str(other), "--out", "report", "--device", "cpu", "--margin", "0.5")
    answer = command(*given)
    assert answer.status == 0, answer.err
    assert "multiply-adds" in answer.out
    assert "Saved to report" in answer.out
    page = (Path("report") / "report.html").read_text()
    assert "images/s (cpu)" in page
    assert "not worse by&nbsp;0.5" in page
    again = command(*given)
    assert again.status == 1
    assert "report.html" in again.err
    assert "multiply-adds" not in command("compare", str(trained), str(other), "--no-cost").out
