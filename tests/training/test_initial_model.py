"""`init=MODEL` starts from a trained model, and what that has seen is never measured as new."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.hub.fake_hub import UPLOAD_WARNING, Hub
from tests.listening import Listener
from tests.training.test_resume import Stopper
from zoo import evaluate, from_pretrained, resume, train, train_many
from zoo.bundle.seen import read_seen
from zoo.errors import BundleError, DataError, FreshHeadWarning, Interrupted, RunError, ZooError
from zoo.files import sha256
from zoo.hub import push
from zoo.registry import registry
from zoo.runs import Run
from zoo.tensors import read_tensors, write_tensors
from zoo.training.initial_model import find_initial_model, load_initial_model

pytestmark = pytest.mark.usefixtures("empty_charts")

Settings = dict[str, Any]


@pytest.fixture(scope="module")
def settings(quick: Settings) -> Settings:
    """A training of one epoch with another split than that of the first model."""
    rates = {"lr": 2e-4, "lr_from_scratch": 2e-3, "schedule": "constant", "warmup": 0.0}
    return {**quick, **rates, "epochs": 1, "seed": 3}


@pytest.fixture(scope="module")
def second(trained: Run, settings: Settings, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that starts from the weights of `trained`, of which only the head is trained."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        out = tmp_path_factory.mktemp("runs") / "second"
        return train("resnet20", init=trained.path, tune="head", out=out, **settings)


def in_part(run: Run, part: str) -> set[str]:
    with (run.path / "split.csv").open(newline="") as file:
        return {row["key"] for row in csv.DictReader(file) if row["part"] == part}


def learned(run: Run) -> set[str]:
    return in_part(run, "train") | in_part(run, "val")


def test_training_starts_from_the_weights_of_a_trained_model_and_keeps_its_head(trained: Run, second: Run) -> None:
    before, after = (from_pretrained(run.path).network.state_dict() for run in (trained, second))
    assert {name for name in before if not torch.equal(before[name], after[name])} == {"fc.weight", "fc.bias"}
    assert torch.allclose(before["fc.weight"], after["fc.weight"], atol=0.02)
    weights = second.record.initial_weights
    assert weights.fresh == ()
    assert weights.model.sha256 == sha256(trained.bundle / "model.safetensors")
    assert (weights.model.name, weights.model.entry, weights.model.head) == ("run", "resnet20", "kept")
    card = (second.bundle / "README.md").read_text()
    assert "**Initial weights:** those of `run`, a `resnet20` trained on tiles" in card
    assert weights.model.sha256 in card
    assert str(trained.path.parent) not in (second.bundle / "config.json").read_text() + card


def rate_of(run: Run) -> tuple[float, float]:
    """Return the learning rate of the first epoch, and the one in the record of the training."""
    first = json.loads((run.path / "history.jsonl").read_text().splitlines()[0])
    training = from_pretrained(run.path).config.training
    assert training is not None
    return first["lr"], training.recipe.lr


def test_a_network_from_scratch_has_a_learning_rate_of_its_own(second: Run, settings: Settings, tmp_path: Path) -> None:
    listener = Listener()
    run = train("resnet20", init="scratch", out=tmp_path / "run", progress=listener, **settings)
    assert rate_of(run) == (2e-3, 2e-3)
    assert "learning rate 0.002, since the network starts from random weights" in listener.heard
    assert rate_of(second) == (2e-4, 2e-4)


def test_test_images_that_the_first_model_has_seen_are_not_measured(trained: Run, second: Run) -> None:
    seen = in_part(second, "test") & learned(trained)
    assert seen
    with (second.path / "predictions.csv").open(newline="") as file:
        measured = {row["key"] for row in csv.DictReader(file)}
    assert measured == in_part(second, "test") - seen
    for metrics in (second.metrics, evaluate(second, progress=False).metrics):
        assert metrics.split.left_out == len(seen)
        assert metrics.measures.samples == len(measured)
        assert f"without {len(seen)} images that the initial model had seen" in metrics.split.method
        assert metrics.seen is not None
        assert metrics.seen.known


def test_what_all_earlier_models_have_seen_is_carried_along(
    trained: Run, second: Run, settings: Settings, tmp_path: Path, listener: Listener
) -> None:
    third = train("resnet20", init=str(second.bundle), progress=listener, **settings)
    seen = read_seen(third.bundle)
    assert seen is not None
    assert [record.source for record in seen.earlier] == ["folder", "folder"]
    assert seen.complete
    left = in_part(third, "test") - learned(trained) - learned(second)
    assert third.metrics.measures.samples == len(left)
    count = len(in_part(third, "test")) - len(left)
    line = f"second was trained or validated on {count} of 12 images of the test part: "
    assert f"{line}these are not measured" in listener.heard


def test_a_test_part_that_the_first_model_has_seen_completely_is_refused_before_training(
    trained: Run, settings: Settings, tmp_path: Path
) -> None:
    part = dict.fromkeys(sorted(in_part(trained, "train"))[::2], "test")
    with (trained.path / "split.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (tmp_path / "split.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(
            {**row, "part": part.get(row["key"], "val" if row["part"] == "val" else "train")} for row in rows
        )
    with pytest.raises(DataError, match="has seen every image of the test part"):
        train("resnet20", init=trained.path, split_file=tmp_path / "split.csv", out=tmp_path / "run", **settings)
    assert not (tmp_path / "run").exists()


def test_the_head_is_replaced_where_the_classes_differ_and_the_user_is_told_all_differences(
    trained: Run, tiles: Path, settings: Settings, tmp_path: Path, listener: Listener
) -> None:
    shutil.copytree(tiles / "dark", tmp_path / "data" / "benign")
    shutil.copytree(tiles / "bright", tmp_path / "data" / "malignant")
    given = {**settings, "root": tmp_path / "data", "height": 24, "tune": "head", "seed": 0}
    run = train("resnet20", init=trained.path, progress=listener, **given)
    weights = run.record.initial_weights
    assert (weights.fresh, weights.model.head) == (("fc.weight", "fc.bias"), "replaced")
    assert weights.model.differences == ("height: 32 there, 24 here",)
    heard = "\n".join(listener.heard)
    assert (
        "its head is replaced by a fresh one: its classes are bright, dark, and the new ones benign, malignant" in heard
    )
    assert "it differs in height: 32 there, 24 here" in heard
    card = (run.bundle / "README.md").read_text()
    assert "its head was replaced, since the classes differ. It differs in height: 32 there, 24 here." in card


def test_a_first_model_with_a_new_head_states_the_same_origin_as_without_and_that_its_head_was_replaced(
    trained: Run, tiles: Path, settings: Settings, tmp_path: Path, listener: Listener
) -> None:
    model = from_pretrained(trained)
    stated = model.config.training
    assert stated is not None
    data = replace(stated.data, name="drawn tiles", synthetic=True)
    init = replace(stated.init, used="ImageNet-1k", repo="a/b", revision="1", license="cc-by-nc-4.0")
    model.describe_training(replace(stated, data=data, init=init), model.seen).save(tmp_path / "s")
    with pytest.warns(FreshHeadWarning):
        from_pretrained(tmp_path / "s", num_classes=3).save(tmp_path / "h")
    for name, number in (("bright", "0"), ("dark", "1"), ("dark", "2")):
        (tmp_path / "data" / number).mkdir(parents=True)
        for tile in sorted((tiles / name).iterdir())[int(number) // 2 :: 2]:
            shutil.copy(tile, tmp_path / "data" / number)
    given = {**settings, "root": tmp_path / "data", "seed": 0}
    direct = train("resnet20", init=tmp_path / "s", out=tmp_path / "of s", **given)
    run = train("resnet20", init=tmp_path / "h", out=tmp_path / "of h", progress=listener, **given)
    first, weights = direct.record.initial_weights, run.record.initial_weights
    assert first.used == "resnet20, trained on drawn tiles, drawn by a program"
    assert weights.used == f"{first.used}, then its head replaced by a fresh one"
    assert weights.license == first.license == "cc-by-nc-4.0"
    assert (weights.model.data, weights.model.synthetic) == ("drawn tiles", True)
    assert weights.model.seen == first.model.seen  # the data source of what was seen is inherited, too
    assert (weights.model.fresh_head, first.model.fresh_head) == (True, None)
    assert (weights.model.head, first.model.head) == ("kept", "replaced")
    assert f"initial weights: those of h ({weights.used})" in listener.heard
    cards = [(made.bundle / "README.md").read_text() for made in (direct, run)]
    assert "a `resnet20` trained on drawn tiles, **drawn by a program**, with the sha256" in cards[0]
    replaced = "whose head was then replaced by a fresh one"
    assert f"a `resnet20` trained on drawn tiles, **drawn by a program**, {replaced}, with the sha256" in cards[1]
    assert all("license cc-by-nc-4.0, whose terms also apply" in card for card in cards)


def _with_weights(bundle: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> Path:
    tensors = read_tensors(bundle / "model.safetensors")
    change(tensors)
    write_tensors(bundle / "model.safetensors", tensors)
    config = json.loads((bundle / "config.json").read_text())
    config["weights"]["sha256"] = sha256(bundle / "model.safetensors")
    (bundle / "config.json").write_text(json.dumps(config))
    return bundle


@pytest.mark.parametrize(
    ("model", "options", "text"),
    [
        ("cbam20", {}, r"these weights do not fit cbam20: they are of small_resnet \(depth=20\), and this is cbam"),
        ("cbam20", {}, r"layer1\.0\.attention\.0\.fc1\.weight: missing there, 2x16 here"),
        ("resnet20", {"model_options": {"depth": 14}}, r"layer1\.2\.bn1\.bias: 16 there, missing here"),
        ("resnet20", {"init": "scrach"}, "there is no such folder(.|\n)*did you mean scratch"),
        ("resnet20", {"init": "runs/nothing here"}, "there is no such folder"),
        ("resnet20", {"init": "resnet20"}, "this is the name of a model, not a trained model"),
    ],
)
def test_a_model_that_does_not_fit_is_an_error_before_any_image_is_read(
    model: str, options: Settings, text: str, trained: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.training.plan.read_manifest", lambda *_, **__: pytest.fail("data were read"))
    given = {**settings, "init": trained.path, **options}
    with pytest.raises(ZooError, match=text):
        train(model, **given)
    with pytest.raises(ZooError, match=text):
        train_many([model], seeds=2, **given)
    assert not Path("runs").exists()


def test_weights_that_are_not_numbers_are_refused(trained: Run, settings: Settings, tmp_path: Path) -> None:
    bundle = shutil.copytree(trained.bundle, tmp_path / "bundle")
    _with_weights(bundle, lambda tensors: tensors["conv1.weight"].fill_(torch.nan))
    with pytest.raises(BundleError, match=r"these weights contain NaN or infinity: conv1\.weight"):
        train("resnet20", init=bundle, **settings)


def test_the_results_are_possibly_leaked_if_it_is_not_known_what_the_first_model_has_seen(
    trained: Run, settings: Settings, tmp_path: Path, listener: Listener
) -> None:
    bundle = shutil.copytree(trained.bundle, tmp_path / "old")
    (bundle / "seen.json").unlink()
    run = train("resnet20", init=bundle, progress=listener, **settings)
    assert any("old does not say which images it was trained on" in line for line in listener.heard)
    assert run.metrics.seen is not None
    assert not run.metrics.seen.known
    assert "**Possibly leaked.**" in (run.bundle / "README.md").read_text()
    assert not read_seen(run.bundle).complete  # type: ignore[union-attr]


def test_a_run_is_resumed_to_the_same_bits_when_its_first_model_is_gone(
    trained: Run, second: Run, settings: Settings, tmp_path: Path
) -> None:
    first = shutil.copytree(trained.path, tmp_path / "run")
    with pytest.raises(Interrupted):
        train("resnet20", init=first, tune="head", out=tmp_path / "second", progress=Stopper(2), **settings)
    shutil.rmtree(first)
    run = resume(tmp_path / "second")
    assert sha256(run.bundle / "model.safetensors") == sha256(second.bundle / "model.safetensors")
    assert run.metrics == second.metrics
    assert run.record.initial_weights == second.record.initial_weights
    assert read_seen(run.bundle).before.digest == read_seen(second.bundle).before.digest  # type: ignore[union-attr]


def test_a_run_is_not_resumed_with_another_record_of_what_its_first_model_had_seen(
    trained: Run, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(Interrupted):
        train("resnet20", init=trained.path, out=tmp_path / "run", progress=Stopper(2), **settings)
    path = tmp_path / "run" / "initial_seen.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "images": ""}))
    with pytest.raises(RunError, match=r"initial_seen\.json is not the one that the run started with"):
        resume(tmp_path / "run")
    path.unlink()
    with pytest.raises(RunError, match=r"initial_seen\.json cannot be read"):
        resume(tmp_path / "run")


def test_runs_of_one_grid_start_from_the_same_weights(second: Run) -> None:
    from zoo.training.resume import check_same_initial_model

    weights = second.record.initial_weights
    check_same_initial_model(second, weights)
    changed = replace(weights, model=replace(weights.model, sha256="0" * 64))
    with pytest.raises(RunError, match="the model run has changed since"):
        check_same_initial_model(second, changed)


@pytest.mark.filterwarnings(UPLOAD_WARNING)
@pytest.mark.parametrize("name", ["ada/tiles", "ada/tiles@v1", "https://huggingface.co/ada/tiles/tree/v1"])
def test_a_model_on_the_hub_is_recorded_with_its_repository_and_commit(
    trained: Run, hub: Hub, listener: Listener, name: str
) -> None:
    push(trained.bundle, "ada/tiles", tag="v1")
    blueprint = registry().model("resnet20")
    found = find_initial_model(name, blueprint, listener)
    network = blueprint.build(2)
    weights, seen = load_initial_model(network, found, blueprint, ["bright", "dark"], listener)
    assert (weights.repo, weights.revision) == ("ada/tiles", hub.repositories["ada/tiles"].head.oid)
    assert weights.asked == "ada/tiles"
    assert torch.equal(
        network.state_dict()["fc.weight"], read_tensors(trained.bundle / "model.safetensors")["fc.weight"]
    )
    assert seen is not None
    assert seen.source == "folder"


@pytest.mark.slow
@pytest.mark.usefixtures("warm_runs")
def test_a_grid_starts_every_run_from_the_same_model(trained: Run, settings: Settings) -> None:
    grid = train_many(["resnet20"], seeds=2, init=trained.path, **settings)
    assert grid.failures == {}
    assert len({run.record.initial_weights.model.sha256 for run in grid.runs}) == 1
    assert all(run.metrics.split.left_out is not None for run in grid.runs)
