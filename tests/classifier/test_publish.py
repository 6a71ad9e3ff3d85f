from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import zoo
from tests.hub.fake_hub import TOKEN, UPLOAD_WARNING, Hub
from zoo import Classifier
from zoo.bundle.bundle_config import BundleConfig
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


def test_what_is_stated_of_a_model_after_it_was_read_is_published(
    trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed: list[BundleConfig] = []

    def push(folder: Path, *_: object, **__: object) -> str:
        pushed.append(BundleConfig.read(folder))
        return ""

    monkeypatch.setattr("zoo.classifier.classifier.push", push)
    model = zoo.from_pretrained(trained)
    training = model.config.training
    assert training is not None
    model.push_to_hub(REPO)
    model.describe_training(replace(training, seed=training.seed + 1))
    model.push_to_hub(REPO)
    assert [config.training and config.training.seed for config in pushed] == [training.seed, training.seed + 1]
