"""A model that a user's own loop has trained is not saved with what was true of its weights before."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy

import zoo
from tests.hub.fake_hub import UPLOAD_WARNING, Hub
from tests.installed_packages import Answer
from tests.listening import Listener
from zoo import Classifier
from zoo.bundle.bundle_files import BASELINE, CALIBRATION, METRICS
from zoo.bundle.bundle_files import NOVELTY as FEATURES
from zoo.bundle.card import card
from zoo.bundle.provenance import TRAINED_ELSEWHERE
from zoo.calibration import UNCALIBRATED
from zoo.classifier.novelty_detector import NoveltyDetector
from zoo.classifier.verdict import verify
from zoo.errors import FreshHeadWarning
from zoo.exporting.metadata import export_metadata
from zoo.runs import Run
from zoo_demo.model_facts import model_facts

Change = Callable[[Classifier], object]


def _train(model: Classifier) -> None:
    """Train a model for a step, as users do."""
    model.train()
    x = torch.rand(4, 3, 32, 32, device=model.mean.device, dtype=model.mean.dtype)
    cross_entropy(model(x), torch.tensor([0, 1, 0, 1])).backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    model.eval()


def _one_batch_through_the_batch_norms(model: Classifier) -> None:
    with torch.no_grad():
        model.train()(torch.rand(4, 3, 32, 32))
    model.eval()


@pytest.mark.parametrize("change", [_train, _one_batch_through_the_batch_norms])
def test_a_model_that_was_trained_further_is_saved_without_what_was_true_of_its_weights_before(
    calibrated: Run, tmp_path: Path, change: Change
) -> None:
    model = zoo.from_pretrained(calibrated)
    before, seen = model.config.training, model.seen
    assert before is not None
    assert seen is not None
    change(model)
    folder = model.save_pretrained(tmp_path / "mine")
    saved = zoo.from_pretrained(folder)
    assert (saved.config.training, saved.config.earlier_training) == (None, before)
    assert saved.config.trained_elsewhere
    assert not saved.config.fresh_head
    assert saved.seen is not None
    assert (saved.seen.complete, saved.seen.images.tolist()) == (False, seen.images.tolist())
    assert (saved.calibration, saved.detector, saved.baseline, saved.metrics) == (UNCALIBRATED, None, None, None)
    assert {path.name for path in folder.iterdir()}.isdisjoint({CALIBRATION, FEATURES, BASELINE, METRICS})
    assert verify(folder).passed
    assert zoo.from_pretrained(saved.save(tmp_path / "copy")).config == saved.config


def _to_bfloat16(model: Classifier) -> None:
    model.to(torch.bfloat16)


def _to_float16_and_back(model: Classifier) -> None:
    model.half().float()


def _predict(model: Classifier) -> None:
    model(torch.rand(2, 3, 32, 32))


def _to_bfloat16_and_float16_and_back(model: Classifier) -> None:
    model.bfloat16().half().float()


@pytest.mark.parametrize("use", [_to_bfloat16, _to_float16_and_back, _to_bfloat16_and_float16_and_back, _predict])
def test_a_model_that_was_not_trained_keeps_what_is_true_of_its_weights(
    calibrated: Run, tmp_path: Path, use: Change
) -> None:
    model, expected = zoo.from_pretrained(calibrated), zoo.from_pretrained(calibrated)
    use(model)
    saved = zoo.from_pretrained(model.float().save(tmp_path / "copy"))
    assert (saved.config, saved.calibration) == (expected.config, expected.calibration)
    assert saved.seen is not None
    assert saved.seen.complete
    assert saved.baseline is not None


def test_a_network_in_the_wrappers_of_torch_is_saved_with_the_names_of_its_own_weights(
    calibrated: Run, tmp_path: Path
) -> None:
    model, expected = zoo.from_pretrained(calibrated), zoo.from_pretrained(calibrated)
    own = model.network
    model.network = torch.nn.DataParallel(torch.compile(own))
    folder = model.save(tmp_path / "same")
    assert zoo.from_pretrained(folder).config == expected.config
    assert verify(folder).passed
    with torch.no_grad():
        next(own.parameters()).add_(1)
    assert zoo.from_pretrained(model.save(tmp_path / "other")).config.trained_elsewhere


def test_who_says_how_the_weights_were_trained_is_believed(calibrated: Run, tmp_path: Path) -> None:
    model = zoo.from_pretrained(calibrated)
    training, seen = model.config.training, model.seen
    assert training is not None
    assert seen is not None
    _train(model)
    saved = zoo.from_pretrained(model.describe_training(training, seen).save(tmp_path / "mine"))
    assert (saved.config.training, saved.config.trained_elsewhere) == (training, None)
    assert saved.seen is not None
    assert saved.seen.complete
    assert (saved.calibration, saved.baseline) == (UNCALIBRATED, None)  # these were fitted for other weights


def test_how_the_weights_were_trained_is_not_true_of_weights_that_were_trained_further(
    calibrated: Run, tmp_path: Path
) -> None:
    model = zoo.from_pretrained(calibrated)
    training, seen, baseline = model.config.training, model.seen, model.baseline
    assert training is not None
    fresh = zoo.create_model("resnet20", classes=["bright", "dark"], options={"depth": 8})
    for number, started in enumerate((model, fresh)):
        _train(started.describe_training(training, seen, baseline))
        saved = zoo.from_pretrained(started.save(tmp_path / str(number)))
        assert (saved.config.trained_elsewhere, saved.config.training) == (True, None)
        assert saved.config.earlier_training == training
        assert saved.seen is not None
        assert (saved.seen.complete, saved.baseline) == (False, None)


def test_a_calibration_of_the_new_weights_is_kept(calibrated: Run, tmp_path: Path) -> None:
    model = zoo.from_pretrained(calibrated)
    _train(model)
    model.calibration, model.detector = UNCALIBRATED.with_threshold(0.2, classes=2), None
    assert zoo.from_pretrained(model.save(tmp_path / "mine")).calibration == model.calibration


def test_of_a_calibration_with_another_threshold_only_that_is_kept(calibrated: Run, tmp_path: Path) -> None:
    model = zoo.from_pretrained(calibrated)
    assert model.detector is not None
    _train(model)
    model.calibration = model.calibration.with_threshold(0.4, classes=2)
    folder = model.save(tmp_path / "mine")
    assert zoo.from_pretrained(folder).calibration == UNCALIBRATED.with_threshold(0.4, classes=2)
    assert not (folder / FEATURES).exists()


def test_a_threshold_that_was_chosen_for_the_weights_before_is_not_kept(calibrated: Run, tmp_path: Path) -> None:
    model = zoo.from_pretrained(calibrated)
    model.calibration = model.calibration.with_threshold(0.4, classes=2)
    model = zoo.from_pretrained(model.save(tmp_path / "given"))
    _train(model)
    model.calibration = model.calibration.with_threshold("validation", classes=2)
    assert zoo.from_pretrained(model.save(tmp_path / "mine")).calibration == UNCALIBRATED


def test_the_detector_of_the_weights_before_is_not_kept(calibrated: Run, tmp_path: Path) -> None:
    model = zoo.from_pretrained(calibrated)
    _train(model)
    model.calibration = replace(model.calibration, temperature=2.0)
    folder = model.save(tmp_path / "mine")
    saved = zoo.from_pretrained(folder)
    assert (saved.calibration, saved.detector) == (replace(model.calibration, novelty=None), None)
    assert not (folder / FEATURES).exists()
    assert verify(folder).passed


def test_a_detector_of_the_new_weights_is_kept(calibrated: Run, tmp_path: Path) -> None:
    model = zoo.from_pretrained(calibrated)
    assert model.detector is not None
    _train(model)
    novelty = replace(model.detector.novelty, distance=0.5)
    model.calibration = replace(UNCALIBRATED, novelty=novelty)
    model.detector = NoveltyDetector(novelty, model.detector.features)
    saved = zoo.from_pretrained(model.save(tmp_path / "mine"))
    assert saved.detector is not None
    assert saved.detector.novelty == saved.calibration.novelty == novelty


def test_a_detector_without_its_calibration_is_not_saved(calibrated: Run, tmp_path: Path) -> None:
    model = zoo.from_pretrained(calibrated)
    model.calibration = UNCALIBRATED.with_threshold(0.2, classes=2)
    assert not (model.save(tmp_path / "mine") / FEATURES).exists()


def test_a_new_head_that_was_trained_is_not_called_a_fresh_one(trained: Run, tmp_path: Path) -> None:
    with pytest.warns(FreshHeadWarning):
        model = zoo.from_pretrained(trained, num_classes=4)
    earlier = model.config.earlier_training
    assert zoo.from_pretrained(model.save(tmp_path / "fresh")).config.fresh_head
    _train(model)
    saved = zoo.from_pretrained(model.save(tmp_path / "mine"))
    assert (saved.config.trained_elsewhere, saved.config.earlier_training) == (True, earlier)
    assert saved.seen is not None
    assert not saved.seen.complete


def test_a_new_head_leaves_stated_that_all_other_weights_were_trained_elsewhere(
    trained: Run, tiles: Path, tmp_path: Path, command: Callable[..., Answer]
) -> None:
    model = zoo.from_pretrained(trained)
    _train(model)
    mine, head = model.save(tmp_path / "mine"), tmp_path / "head"
    for number, before in ((4, mine), (3, tmp_path / "4")):  # a head that is replaced again changes nothing
        with pytest.warns(FreshHeadWarning):
            zoo.from_pretrained(before, num_classes=number).save(tmp_path / str(number))
    with pytest.warns(FreshHeadWarning):
        zoo.from_pretrained(tmp_path / "3", num_classes=2).save(head)
    saved = zoo.from_pretrained(head)
    assert saved.config.fresh_head
    assert (saved.config.trained_elsewhere, saved.config.elsewhere) == (None, True)
    assert saved.seen is not None
    assert not saved.seen.complete
    text = card(saved.config, None)
    assert "# resnet20, trained on tiles, then trained elsewhere, with a fresh head\n" in text
    others = f"All other weights were **{TRAINED_ELSEWHERE}**. What these were trained on before:\n\n- **Data:** tiles"
    assert f"the predictions mean nothing. {others}" in text
    ended = "; then its head was replaced"
    assert model_facts(saved.config).trained_on == "nothing"
    assert dict(model_facts(saved.config).rows)["Trained on"].endswith(f"; then {TRAINED_ELSEWHERE}{ended}")
    assert export_metadata(saved)["trained_on"].startswith(f"tiles; then {TRAINED_ELSEWHERE}{ended} by a fresh one")
    size = ["--height", 32, "--width", 32, "--epochs", 1, "--batch-size", 8, "--device", "cpu"]
    given = ["--data", "folder", "--root", tiles, "--recipe", "modern", "--init", head]
    answer = command("train", "resnet20", *given, *size, "--out", tmp_path / "run")
    assert answer.status == 0, answer.err
    words = f"trained on tiles, then {TRAINED_ELSEWHERE}"
    assert f"those of head (resnet20, {words}, then its head replaced by a fresh one)" in answer.err
    replaced = "whose head was then replaced by a fresh one"
    assert f"a `resnet20` {words}, {replaced}, with" in (tmp_path / "run" / "bundle" / "README.md").read_text()
    _train(saved)
    again = zoo.from_pretrained(saved.save(tmp_path / "again"))
    assert (again.config.fresh_head, again.config.trained_elsewhere, again.config.elsewhere) == (False, True, True)


def _load_others(model: Classifier) -> None:
    other = zoo.create_model("resnet20", classes=["bright", "dark"], options={"depth": 8})
    model.network.load_state_dict(other.network.state_dict())


def _next_number(model: Classifier) -> None:
    with torch.no_grad():
        weights = next(model.network.parameters()).view(-1)
        weights[7] = torch.nextafter(weights[7], torch.tensor(9.0))


def _swap_outputs(model: Classifier) -> None:
    with torch.no_grad():
        for weights in model.network.get_submodule("fc").parameters():
            weights.copy_(weights.flip(0))


@pytest.mark.parametrize(
    "change", [_train, _load_others, _next_number, _swap_outputs, _one_batch_through_the_batch_norms]
)
def test_a_fresh_model_that_was_trained_by_ones_own_loop_is_not_called_untrained(
    tiles: Path, tmp_path: Path, listener: Listener, change: Change
) -> None:
    model = zoo.create_model("resnet20", classes=["bright", "dark"], options={"depth": 8})
    change(model)
    folder = model.save(tmp_path / "mine")
    saved = zoo.from_pretrained(folder)
    assert saved.config.trained_elsewhere
    assert "# resnet20, trained elsewhere\n" in card(saved.config, None)
    assert model_facts(saved.config).trained_on == "unknown"
    found = zoo.evaluate(folder, data="folder", root=tiles, progress=listener)
    assert found.metrics.seen is not None
    assert not found.metrics.seen.known
    assert any(line.startswith("the model was trained elsewhere, and all images") for line in listener.heard)


@pytest.mark.parametrize(
    "use", [_to_bfloat16, _to_float16_and_back, _predict, Classifier.double, deepcopy, Classifier.state_dict]
)
def test_a_fresh_model_that_was_not_trained_is_called_untrained(tmp_path: Path, use: Change) -> None:
    model = zoo.create_model("resnet20", classes=["bright", "dark"], options={"depth": 8})
    used = use(model)
    for number, one in enumerate((model, used if isinstance(used, Classifier) else model)):
        saved = zoo.from_pretrained(one.save(tmp_path / str(number)))
        assert (saved.config.trained_elsewhere, saved.seen) == (None, None)


def test_a_model_that_was_saved_with_fresh_weights_and_then_trained_has_seen_unknown_images(
    tiles: Path, tmp_path: Path, listener: Listener
) -> None:
    options = {"depth": 8}
    fresh = zoo.create_model("resnet20", classes=["bright", "dark"], options=options).save(tmp_path / "fresh")
    model = zoo.from_pretrained(fresh)
    _train(model)
    folder = model.save(tmp_path / "mine")
    assert zoo.from_pretrained(folder).config.trained_elsewhere
    found = zoo.evaluate(folder, data="folder", root=tiles, progress=listener)
    assert found.metrics.seen is not None
    assert not found.metrics.seen.known
    assert any(line.startswith("the model was trained elsewhere, and all images") for line in listener.heard)


@pytest.mark.filterwarnings(UPLOAD_WARNING)
def test_the_card_of_a_model_that_was_trained_further_says_so(hub: Hub, trained: Run) -> None:
    model = zoo.from_pretrained(trained)
    _train(model)
    model.push_to_hub("ada/mine")
    text = hub.repositories["ada/mine"].head.files["README.md"].decode()
    assert "# resnet20, trained on tiles, then trained elsewhere\n" in text
    assert f"**{TRAINED_ELSEWHERE.capitalize()}.** What these weights were trained on before:\n\n- **Data:** ti" in text
    assert "Not evaluated" in text
    assert "untrained" not in text


def test_every_place_that_names_the_training_of_a_model_says_that_it_was_trained_further(
    trained: Run, tiles: Path, tmp_path: Path, command: Callable[..., Answer]
) -> None:
    model = zoo.from_pretrained(trained)
    _train(model)
    saved = zoo.from_pretrained(model.save(tmp_path / "mine"))
    assert export_metadata(saved)["trained_on"] == f"tiles; then {TRAINED_ELSEWHERE}"
    facts = model_facts(saved.config)
    assert facts.trained_on == "unknown"
    assert dict(facts.rows)["Trained on"].endswith(f" images; then {TRAINED_ELSEWHERE}")
    size = ["--height", 32, "--width", 32, "--epochs", 1, "--batch-size", 8, "--device", "cpu"]
    given = ["--data", "folder", "--root", tiles, "--recipe", "modern", "--init", tmp_path / "mine"]
    answer = command("train", "resnet20", *given, *size, "--out", tmp_path / "run")
    assert answer.status == 0, answer.err
    words = f"trained on tiles, then {TRAINED_ELSEWHERE}"
    assert f"initial weights: those of mine (resnet20, {words})" in answer.err
    assert f"a `resnet20` {words}, with the sha256" in (tmp_path / "run" / "bundle" / "README.md").read_text()
