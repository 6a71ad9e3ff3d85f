from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.listening import Listener
from tests.warm_python import WarmPython
from zoo import evaluate, from_pretrained, train
from zoo.bundle.bundle_files import FILES, NOVELTY
from zoo.classifier import from_blueprint
from zoo.errors import BundleError, DataError, HubError, RunError, TrainingError, UnknownNameError, UsageError, ZooError
from zoo.evaluation.inference import Inference
from zoo.files import sha256
from zoo.progress import Silent
from zoo.registry import registry
from zoo.runs import Run
from zoo.training.checkpoint import Checkpoints
from zoo.training.step import TrainingStep
from zoo.training.train import train_from
from zoo.training.training_data import TrainingData
from zoo.training.validation import validate

pytestmark = pytest.mark.usefixtures("empty_charts")

Settings = dict[str, Any]


def _weights(run: Run) -> str:
    """Return a hash of the weights in the bundle."""
    return sha256(run.bundle / "model.safetensors")


def _balanced_accuracy(run: Run) -> float:
    value = run.metrics.measures.values["balanced_accuracy"]
    assert value is not None
    return value


def test_a_finished_run_folder_has_all_its_files(trained: Run) -> None:
    assert {path.name for path in trained.path.iterdir()} >= {
        "run.yaml",
        "split.csv",
        "history.jsonl",
        "bundle",
        "predictions.csv",
        "report.html",
        "report.md",
        "metrics.json",
    }
    assert {path.name for path in trained.bundle.iterdir()} == set(FILES) - {NOVELTY}  # 4 validation images are too few
    hidden = [path.name for path in trained.path.rglob(".*")]
    assert hidden == [".lock"], "a half-written file was left behind"
    assert trained.record.status == "finished"


def test_every_file_of_a_run_has_the_permissions_of_a_new_file(trained: Run, tmp_path: Path) -> None:
    """So that a colleague can read the weights if the umask says so."""
    (tmp_path / "new").touch()
    (tmp_path / "folder").mkdir()
    new_file, new_folder = (tmp_path / "new").stat().st_mode, (tmp_path / "folder").stat().st_mode
    wrong = [
        path for path in trained.path.rglob("*") if path.stat().st_mode != (new_folder if path.is_dir() else new_file)
    ]
    assert wrong == []


def test_history_has_a_row_for_each_epoch_and_marks_the_best(trained: Run) -> None:
    rows = [json.loads(line) for line in (trained.path / "history.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2]
    best = max(rows, key=lambda row: (row["val_balanced_accuracy"], -row["epoch"]))
    assert [row["epoch"] for row in rows if row["best"]][-1] == best["epoch"]
    config = json.loads((trained.bundle / "config.json").read_text())
    assert config["training"]["best_epoch"] == best["epoch"]
    assert all(row["train_loss"] > 0 and row["seconds"] > 0 and row["images_per_second"] > 0 for row in rows)


def test_split_csv_has_a_part_for_every_image(trained: Run, tiles: Path) -> None:
    with (trained.path / "split.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["key"] for row in rows} == {path.relative_to(tiles).as_posix() for path in tiles.rglob("*.png")}
    assert {row["part"] for row in rows} == {"train", "val", "test"}


def test_predictions_csv_has_the_test_images_and_gives_the_accuracy_and_loss_of_metrics_json(trained: Run) -> None:
    with (trained.path / "split.csv").open(newline="") as file:
        test = {row["key"]: row["label"] for row in csv.DictReader(file) if row["part"] == "test"}
    with (trained.path / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["key"]: row["label"] for row in rows} == test
    measures = trained.metrics.measures
    right = [row["label"] == row["predicted"] for row in rows]
    assert measures.values["accuracy"] == pytest.approx(np.mean(right))
    assert measures.samples == len(rows)
    loss = -np.mean([np.log(float(row[f"p_{row['label']}"])) for row in rows])
    assert measures.values["loss"] == pytest.approx(loss, rel=1e-5)


def test_config_json_describes_the_training(trained: Run, tiles: Path) -> None:
    training = json.loads((trained.bundle / "config.json").read_text())["training"]
    assert training["seed"] == 0
    assert training["init"]["used"] == "scratch"
    assert training["split"]["unit"] == "image"
    assert training["split"]["images"] == {"train": 24, "val": 4, "test": 12}
    assert training["data"]["source"] == "folder"
    assert training["data"]["synthetic"] is False
    assert training["recipe"]["batch_size"] == 8
    assert training["parameters"] == 271_954
    assert training["epochs_run"] == 2


def test_training_learns_to_tell_bright_from_dark_tiles(trained: Run) -> None:
    assert _balanced_accuracy(trained) > 0.9


def test_two_runs_with_the_same_seed_have_the_same_weights_split_and_predictions(trained: Run, quick: Settings) -> None:
    again = train("resnet20", **quick)
    assert again.path.name == "resnet20-folder-1"
    assert _weights(again) == _weights(trained)
    assert again.metrics == trained.metrics
    assert (again.path / "split.csv").read_bytes() == (trained.path / "split.csv").read_bytes()
    assert (again.path / "predictions.csv").read_bytes() == (trained.path / "predictions.csv").read_bytes()


def test_another_seed_gives_other_weights_and_another_split(trained: Run, quick: Settings) -> None:
    other = train("resnet20", seed=1, **quick)
    assert _weights(other) != _weights(trained)
    assert (other.path / "split.csv").read_bytes() != (trained.path / "split.csv").read_bytes()


def test_random_numbers_drawn_before_training_do_not_change_the_weights(trained: Run, quick: Settings) -> None:
    torch.rand(17)
    np.random.default_rng().random()
    assert _weights(train("resnet20", **quick)) == _weights(trained)


def test_run_yaml_is_enough_to_train_again_to_the_same_weights(trained: Run, tmp_path: Path) -> None:
    config = trained.record.config
    again = train_from(replace(config, session=replace(config.session, out=tmp_path / "again")), progress=Silent())
    assert again.record.resolved == trained.record.resolved
    assert _weights(again) == _weights(trained)


def test_the_root_in_run_yaml_is_absolute(quick: Settings, tiles: Path) -> None:
    os.chdir(tiles.parent)
    run = train("resnet20", out=Path.cwd() / "run", **{**quick, "root": "tiles", "epochs": 1})
    assert run.record.config.data.root == tiles


def test_a_second_run_never_overwrites_the_first(quick: Settings) -> None:
    first = train("resnet20", **{**quick, "epochs": 1})
    before = {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()}
    second = train("resnet20", **{**quick, "epochs": 1})
    assert second.path != first.path
    with pytest.raises(RunError, match="a run never overwrites another"):
        train("resnet20", out=first.path, **{**quick, "epochs": 1})
    assert {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()} == before


def test_a_model_with_a_sigmoid_head_is_trained_and_loaded_again(
    own_registry: Callable[[str], None], quick: Settings
) -> None:
    own_registry("models:\n  one:\n    architecture: small_resnet\n    options: {depth: 8}\n    head: sigmoid\n")
    run = train("one", **quick)
    classifier = from_pretrained(run)
    assert classifier.network(torch.zeros(1, 3, 32, 32)).shape == (1, 1)
    assert evaluate(run).metrics == run.metrics
    assert run.metrics.measures.positive == "dark"


def test_without_a_validation_part_the_weights_of_the_last_epoch_are_kept(quick: Settings) -> None:
    run = train("resnet20", fractions=(0.7, 0, 0.3), **quick)
    rows = [json.loads(line) for line in (run.path / "history.jsonl").read_text().splitlines()]
    assert [row["val_loss"] for row in rows] == [None, None]
    assert json.loads((run.bundle / "config.json").read_text())["training"]["best_epoch"] == 2


def test_patience_stops_a_training_that_does_not_improve(quick: Settings, listener: Listener) -> None:
    run = train(
        "resnet20", progress=listener, patience=1, **{**quick, "epochs": 9, "lr": 1e-12, "precision": "float32"}
    )
    rows = (run.path / "history.jsonl").read_text().splitlines()
    training = json.loads((run.bundle / "config.json").read_text())["training"]
    assert len(rows) == 2
    assert (training["epochs_run"], training["best_epoch"]) == (2, 1)
    assert any("stopped" in line for line in listener.heard)
    found = evaluate(run, part="val", progress=False)  # of the weights in the bundle, which are those of the best epoch
    first, second = (json.loads(row)["val_loss"] for row in rows)
    assert validate(found.logits, found.labels).val_loss == pytest.approx(first, rel=1e-5)
    assert first != pytest.approx(second, rel=1e-3)


def test_select_last_keeps_the_weights_of_the_last_epoch(quick: Settings) -> None:
    run = train("resnet20", **{**quick, "select": "last", "epochs": 3, "lr": 1e-12})
    assert json.loads((run.bundle / "config.json").read_text())["training"]["best_epoch"] == 3


def test_model_options_are_recorded_in_run_yaml_and_the_bundle(quick: Settings) -> None:
    run = train("resnet20", model_options={"depth": "8"}, **{**quick, "epochs": 1})
    assert run.record.resolved.model_options == {"depth": 8}
    assert from_pretrained(run).config.options == {"depth": 8}


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"epochs": 0}, UsageError, "epochs must be at least 1"),
        ({"epochs": "many"}, UsageError, "epochs must be a whole number"),
        ({"epochz": 3}, UnknownNameError, "did you mean epochs?"),
        ({"batch_size": 25}, TrainingError, "a batch of 25 is larger than the training part, of 24 images"),
        ({"root": "nowhere"}, DataError, "there is no such folder"),
        ({"data": "foldr"}, UnknownNameError, "did you mean folder?"),
        ({"recipe": "moderm"}, UnknownNameError, "did you mean modern?"),
        ({"augment": ("symmetry",)}, UnknownNameError, "did you mean symmetries?"),
        ({"model_options": {"dept": 8}}, UnknownNameError, "did you mean depth?"),
        ({"init": "imagenet"}, UsageError, "there are no pretrained weights for resnet20"),
        ({"init": "imagent"}, BundleError, "did you mean imagenet?"),
        ({"fractions": (0.9, 0.1, 0)}, UsageError, "above 0"),
        ({"seed": -1}, UsageError, "seed must be at least 0 and below 2^63"),
        ({"seed": 1 << 64}, UsageError, "seed must be at least 0 and below 2^63"),
        ({"device": "gpu"}, UsageError, "the device 'gpu' cannot be used"),
        ({"lr": 0}, UsageError, "lr must be above 0"),
    ],
)
def test_invalid_settings_are_refused_before_any_file_is_written(
    quick: Settings, change: Settings, error: type, text: str, tmp_path: Path
) -> None:
    with pytest.raises(error) as caught:
        train("resnet20", **{**quick, **change})
    assert text in str(caught.value)
    assert list(tmp_path.iterdir()) == [], "a file was written"


def test_a_class_without_images_for_training_is_refused(quick: Settings, tmp_path: Path) -> None:
    root = tmp_path / "data"
    for name in ("full", "empty"):
        (root / name).mkdir(parents=True)
    for path in sorted(quick["root"].rglob("*.png"))[:10]:
        (root / "full" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(DataError, match="the train part has no image of class 'empty': the class has 0 images"):
        train("resnet20", **{**quick, "root": root})
    assert not Path("runs").exists()


def test_a_refusal_of_the_initial_weights_leaves_no_folder(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise HubError("cannot be reached")

    monkeypatch.setattr("zoo.training.initial_network.load_initial_weights", refuse)
    with pytest.raises(HubError):
        train("resnet20", **quick)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_empty_is_refused_before_data_are_read(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    monkeypatch.setattr(TrainingData, "read", lambda plan, progress: pytest.fail("data are read"))
    with pytest.raises(RunError, match="the folder is not empty"):
        train("resnet20", out=tmp_path / "mine", **quick)


@pytest.mark.parametrize(
    ("model", "rule"),
    [
        ("vit", "multiples of 16"),
        ("dinov2_vits14", "multiples of 14"),
        ("dinov2_vitb14", "multiples of 14"),
        ("swin", "multiples of 4"),
        ("vgg16inception", "at least 75"),
    ],
)
def test_an_image_size_that_a_network_cannot_take_is_refused_before_images_are_decoded(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, rule: str
) -> None:
    """The plugin declares what the network itself refuses."""
    monkeypatch.setattr(TrainingData, "read", lambda plan, progress: pytest.fail("data are read"))
    with pytest.raises(UsageError, match=f"images of 30x30 do not fit: height and width must be {rule}") as refused:
        train(model, init="scratch", **{**quick, "height": 30, "width": 30})
    with torch.device("meta"):
        network = from_blueprint(registry().model(model), ("a", "b", "c")).network
        with pytest.raises(UsageError) as by_network:
            network(torch.empty(1, 3, 30, 30))
    assert str(by_network.value) == str(refused.value)
    assert list(tmp_path.iterdir()) == []


def _valid_json(file: Path) -> list[Any]:
    """Return the rows of a history, which must be JSON: NaN is not."""
    return [
        json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        for line in file.read_text().splitlines()
    ]


@pytest.mark.parametrize(("last", "epoch", "number"), [(1, 1, 1), (4, 2, 1), (6, 2, 3)])
@pytest.mark.parametrize("what", ["parameter", "buffer"])
def test_a_weight_that_becomes_nan_stops_training_with_its_epoch_step_and_images_and_leaves_no_bundle(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: int, epoch: int, number: int, what: str
) -> None:
    """Also in the last step of all, after which no loss shows it, and without a validation part."""
    step, images = TrainingStep.run, list[str]()

    def run(self: TrainingStep, epoch: int, number: int) -> torch.Tensor:
        loss = step(self, epoch, number)
        if self.state.step == last:
            network = self.state.classifier.network
            named = dict(network.named_parameters() if what == "parameter" else network.named_buffers())
            name = max(name for name, tensor in named.items() if tensor.is_floating_point())
            named[name].data[..., 0] = torch.nan
            images[:] = [self.batches.data.keys[index] for index in self.batches.indices(epoch, number)]
        return loss

    monkeypatch.setattr(TrainingStep, "run", run)
    settings = {**quick, "fractions": (0.7, 0.0, 0.3), "select": "last", "patience": None, "averaging": 0.0}
    with pytest.raises(TrainingError, match=r"weights became NaN or infinite \([\w.]+\)") as caught:
        train("resnet20", out=tmp_path / "run", **settings)
    assert f"in epoch {epoch}, step {number} of 3, on the images {', '.join(images)}" in str(caught.value)
    run_ = Run.open(tmp_path / "run")
    assert run_.record.status == "failed"
    assert not run_.bundle.exists()
    assert len(_valid_json(run_.path / "history.jsonl")) == epoch - 1
    saved = Checkpoints(run_.path / "checkpoint").latest(Silent())
    assert saved is None or all(bool(torch.isfinite(tensor).all()) for tensor in saved.tensors.values())


def test_an_output_that_is_nan_on_a_validation_image_stops_training_and_names_the_image(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logits_of = Inference.logits

    def broken(self: Inference, classifier: Any, indices: Any) -> np.ndarray:
        logits = logits_of(self, classifier, indices)
        logits[1] = np.nan
        return logits

    monkeypatch.setattr(Inference, "logits", broken)
    with pytest.raises(
        TrainingError, match=r"NaN or infinite in the validation of epoch 1, on the images (\S+)"
    ) as caught:
        train("resnet20", out=tmp_path / "run", **quick)
    with (tmp_path / "run" / "split.csv").open(newline="") as file:
        validated = [row["key"] for row in csv.DictReader(file) if row["part"] == "val"]
    assert validated[1] in str(caught.value)
    assert _valid_json(tmp_path / "run" / "history.jsonl") == []


def test_a_loss_that_diverges_is_reported_and_recorded_in_run_yaml(quick: Settings) -> None:
    with pytest.raises(TrainingError, match=r"the loss became (nan|inf)") as caught:
        train("resnet20", optimizer="sgd", warmup=0.0, **{**quick, "lr": 1e6, "epochs": 3})
    assert "a smaller --lr" in str(caught.value)
    run = Run.open("runs/resnet20-folder-1")
    assert run.record.status == "failed"
    assert "the loss became" in (run.record.error or "")
    assert not run.bundle.exists()


@pytest.mark.parametrize("where", ["write_json", "write_tensors"])
def test_a_disk_that_fills_up_leaves_a_failed_run_and_no_half_bundle(
    quick: Settings, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full(path: Path, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(f"zoo.bundle.bundle_files.{where}", full)
    with pytest.raises(OSError, match="No space left on device"):
        train("resnet20", **{**quick, "epochs": 1})
    run = Run.open("runs/resnet20-folder-1")
    assert run.record.status == "failed"
    assert "No space left" in (run.record.error or "")
    assert {path.name for path in run.path.iterdir()} == {
        ".lock",
        "run.yaml",
        "split.csv",
        "history.jsonl",
        "curves.png",
        "checkpoint",
    }
    with pytest.raises(ZooError, match=r"this run has no bundle yet \(its status: failed\)"):
        from_pretrained(run.path)


def test_the_first_error_is_raised_even_if_run_yaml_cannot_be_written(
    quick: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    def finish(run: Run, status: str, **facts: object) -> None:
        raise OSError(28, "No room for the status")

    monkeypatch.setattr("zoo.bundle.bundle_files.write_json", full)
    monkeypatch.setattr(Run, "finish", finish)
    with pytest.raises(OSError, match="No space left on device"):
        train("resnet20", **{**quick, "epochs": 1})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_zoo_train_saves_a_checkpoint_and_prints_how_to_resume(
    quick: Settings, tmp_path: Path, warm_python: WarmPython, number: signal.Signals
) -> None:
    settings = {**quick, "augment": "symmetries", "epochs": 100000, "patience": "none"}
    options = [f"--{key.replace('_', '-')}={value}" for key, value in settings.items()]
    process = subprocess.Popen(
        [warm_python.executable, "-m", "zoo", "train", "resnet20", "--out", "run", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        history = tmp_path / "run" / "history.jsonl"
        _wait(lambda: history.is_file() and bool(history.read_text()), process)
        assert Run.open(tmp_path / "run").record.status == "running"
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 128 + number
    assert "resume with: zoo train --resume run" in err
    assert "Traceback" not in err + out
    record = Run.open(tmp_path / "run").record
    assert record.status == "interrupted"
    assert record.ended >= record.started
    assert Checkpoints(tmp_path / "run" / "checkpoint").latest(Silent()) is not None
    assert {path.name for path in (tmp_path / "run").rglob(".*")} <= {".lock"}
    with pytest.raises(ZooError, match=r"this run has no bundle yet \(its status: interrupted\)"):
        from_pretrained(tmp_path / "run")


def _wait(ready: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.longest
def test_dala_reaches_a_balanced_accuracy_of_080_on_the_synthetic_sample_in_six_epochs_from_scratch(
    tmp_path: Path,
) -> None:
    threads = torch.get_num_threads()
    if "PYTEST_XDIST_WORKER" not in os.environ:  # otherwise other workers use the other cores
        torch.set_num_threads(os.cpu_count() or 1)
    try:
        run = train("dala", init="scratch", height=64, width=64, epochs=6, out=tmp_path / "run")
    finally:
        torch.set_num_threads(threads)
    assert run.metrics.data.synthetic
    assert run.metrics.split.unit == "patient"
    assert (run.metrics.measures.groups or 0) >= 5
    assert _balanced_accuracy(run) >= 0.80


def test_weights_that_are_nonfinite_parameters_stop_a_training_though_its_loss_is_one(
    quick: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = TrainingStep.run

    def run(self: TrainingStep, epoch: int, number: int) -> torch.Tensor:
        loss = step(self, epoch, number)
        network = self.state.classifier.network
        if not hasattr(network, "unused"):
            network.register_parameter("unused", torch.nn.Parameter(torch.tensor([0.0, torch.nan])))
        return loss

    monkeypatch.setattr(TrainingStep, "run", run)
    with pytest.raises(TrainingError, match="weights became NaN or infinite by the end of epoch 1: unused"):
        train("resnet20", out=tmp_path / "run", **{**quick, "averaging": 0.0})
    assert not (tmp_path / "run" / "bundle").exists()


def test_trainings_in_several_threads_give_the_weights_that_they_give_alone(
    quick: dict[str, Any], trained: Run, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(3) as threads:
        runs = list(threads.map(lambda name: train("resnet20", out=tmp_path / name, **quick), "abc"))
    wanted = (trained.bundle / "model.safetensors").read_bytes()
    assert [(run.bundle / "model.safetensors").read_bytes() == wanted for run in runs] == [True] * 3
