from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import zoo
from tests.hub.fake_hub import TOKEN, UPLOAD_WARNING, Hub
from zoo import Classifier
from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_files import copy_bundle, read_config
from zoo.calibration import UNCALIBRATED
from zoo.classifier.novelty_detector import NoveltyDetector
from zoo.errors import BundleError
from zoo.runs import Run

REPO = "ada/tiles"
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


@pytest.fixture
def model() -> Classifier:
    return zoo.create_model("resnet20", classes=["benign", "malignant"])


def test_zoo_push_takes_a_run_and_returns_the_address_of_its_commit(hub: Hub, trained: Run) -> None:
    address = zoo.push(trained, REPO, tag="v1", progress=False)
    assert address == f"{hub.url}/{REPO}/commit/{hub.repositories[REPO].tags['v1'].oid}"


def test_push_to_hub_takes_the_keywords_of_the_hubs_own_mixin(
    hub: Hub, model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    model.push_to_hub(repo_id=REPO, commit_message="ours", token=TOKEN, private=True, branch="draft", create_pr=False)
    repository = hub.repositories[REPO]
    assert repository.private
    assert repository.branches["draft"].message.startswith("ours")
    pull_request = model.push_to_hub(REPO, token=TOKEN, create_pr=True)
    assert "/discussions/" in pull_request


def test_save_pretrained_fills_a_new_or_an_empty_folder_and_publishes_if_asked(
    hub: Hub, model: Classifier, tmp_path: Path
) -> None:
    (tmp_path / "tiles").mkdir()
    assert model.save_pretrained(tmp_path / "tiles", push_to_hub=True, repo_id=REPO) == tmp_path / "tiles"
    assert zoo.from_pretrained(tmp_path / "tiles").classes == zoo.from_pretrained(REPO).classes == model.classes
    with pytest.raises(BundleError, match="nothing is overwritten"):
        model.save_pretrained(tmp_path / "tiles")


@pytest.fixture
def pushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Copies of the bundles that are pushed, in place of pushing them."""
    copies: list[Path] = []

    def push(folder: Path, *_: object, **__: object) -> str:
        copies.append(copy_bundle(folder, tmp_path / f"pushed {len(copies)}"))
        return ""

    monkeypatch.setattr("zoo.classifier.classifier.push", push)
    return copies


def test_what_is_stated_of_a_model_after_it_was_read_is_published(trained: Run, pushed: list[Path]) -> None:
    model = zoo.from_pretrained(trained)
    training = model.config.training
    assert training is not None
    model.push_to_hub(REPO)
    model.describe_training(replace(training, seed=training.seed + 1))
    model.push_to_hub(REPO)
    stated = [BundleConfig.read(folder).training for folder in pushed]
    assert [one and one.seed for one in stated] == [training.seed, training.seed + 1]


def test_a_model_that_was_not_changed_is_published_with_its_results_and_its_card(
    calibrated: Run, pushed: list[Path]
) -> None:
    zoo.from_pretrained(calibrated).push_to_hub(REPO)
    assert {path.name: path.read_bytes() for path in pushed[0].iterdir()} == {
        path.name: path.read_bytes() for path in calibrated.bundle.iterdir()
    }


def _other_threshold(model: Classifier) -> None:
    model.calibration = model.calibration.with_threshold(0.2, classes=2)


def _no_calibration(model: Classifier) -> None:
    model.calibration, model.detector = UNCALIBRATED, None


def _other_features(model: Classifier) -> None:
    assert model.detector is not None
    model.detector = NoveltyDetector(model.detector.novelty, model.detector.features[:-1])


@pytest.mark.parametrize("change", [_other_threshold, _no_calibration, _other_features])
def test_a_calibration_or_a_detector_that_was_changed_is_published_as_save_writes_it(
    calibrated: Run, pushed: list[Path], tmp_path: Path, change: Callable[[Classifier], None]
) -> None:
    model = zoo.from_pretrained(calibrated)
    change(model)
    model.push_to_hub(REPO)
    saved = model.save(tmp_path / "saved")
    assert {path.name for path in pushed[0].iterdir()} == {path.name for path in saved.iterdir()}
    written, expected = read_config(pushed[0]), read_config(saved)
    assert {**written, "golden": None} == {**expected, "golden": None}  # outputs may differ in the last bit
    assert zoo.from_pretrained(pushed[0]).calibration == model.calibration
