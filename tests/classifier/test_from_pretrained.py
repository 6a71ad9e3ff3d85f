"""`zoo.from_pretrained` of a model on the Hub: every option reaches every download."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

import zoo
from tests.hub.fake_hub import TOKEN, UPLOAD_WARNING, Hub
from tests.installed_packages import Answer
from zoo.bundle.bundle_files import BASELINE, CALIBRATION, CONFIG, GOLDEN, METRICS, SEEN, WEIGHTS
from zoo.device import choose_device
from zoo.errors import FreshHeadWarning, HubError, UsageError
from zoo.hub import push
from zoo.runs import Run

REPO = "ada/tiles"
EVERY_FILE = {CONFIG, WEIGHTS, GOLDEN, METRICS, SEEN, BASELINE, CALIBRATION, "README.md"}
Command = Callable[..., Answer]
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


@pytest.fixture
def published(hub: Hub, trained: Run, tmp_path: Path) -> Hub:
    """A private repository with a trained model, its first version tagged v1, and an empty cache."""
    push(trained.bundle, REPO, private=True, tag="v1")
    hub.repositories[REPO].commit("no metrics", {METRICS: None})
    shutil.rmtree(tmp_path / "hf-home" / "hub", ignore_errors=True)
    hub.requests.clear()
    return hub


@pytest.fixture
def logged_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("HF_TOKEN")
    return


def test_the_token_the_revision_and_the_cache_folder_reach_every_download(
    published: Hub, logged_out: None, tmp_path: Path
) -> None:
    cache = tmp_path / "elsewhere"
    model = zoo.from_pretrained(REPO, token=TOKEN, revision="v1", cache_dir=cache)
    assert model.bundle is not None
    assert model.bundle.is_relative_to(cache)
    assert {file.name for file in model.bundle.iterdir()} == EVERY_FILE
    assert not list((tmp_path / "hf-home").glob("hub/models--*"))


@pytest.mark.parametrize("name", [f"{REPO}@v1", "{url}/ada/tiles/tree/v1"])
def test_a_revision_in_the_name_is_the_one_that_is_loaded(published: Hub, name: str) -> None:
    model = zoo.from_pretrained(name.format(url=published.url))
    assert model.metrics is not None
    assert model.bundle is not None
    assert model.bundle.name == published.repositories[REPO].tags["v1"].oid
    assert zoo.from_pretrained(REPO).metrics is None


def test_a_model_in_the_cache_is_loaded_without_a_request(published: Hub, logged_out: None, tmp_path: Path) -> None:
    with pytest.raises(HubError, match="no complete copy"):
        zoo.from_pretrained(REPO, local_files_only=True)
    assert published.requests == []
    before = zoo.from_pretrained(f"{REPO}@v1", token=TOKEN, cache_dir=tmp_path / "cache")
    published.requests.clear()
    again = zoo.from_pretrained(f"{REPO}@v1", local_files_only=True, cache_dir=tmp_path / "cache")
    assert again.bundle == before.bundle
    assert published.requests == []


def test_a_forced_download_downloads_every_file_again(published: Hub) -> None:
    zoo.from_pretrained(f"{REPO}@v1")
    published.requests.clear()
    zoo.from_pretrained(f"{REPO}@v1", force_download=True)
    assert {request.rpartition("/")[2] for request in published.asked("GET .*/resolve/")} == EVERY_FILE


def test_loading_a_model_asks_for_its_own_files_only(published: Hub) -> None:
    zoo.from_pretrained(REPO)
    assert {request for request in published.requests if REPO not in request} == set()


@pytest.mark.parametrize("name", ["resnet34"])
def test_loading_a_network_that_has_public_weights_never_asks_for_them(hub: Hub, tmp_path: Path, name: str) -> None:
    zoo.create_model(name).save(tmp_path / "model")
    zoo.from_pretrained(tmp_path / "model")
    assert hub.requests == []


def test_the_network_is_put_on_the_device(trained: Run) -> None:
    for device in ("cpu", torch.device("cpu"), "auto"):
        assert zoo.from_pretrained(str(trained), device=device).mean.device == choose_device(str(device))
    with pytest.raises(UsageError, match="the device 'gpu' cannot be used"):
        zoo.from_pretrained(str(trained), device="gpu")


def test_other_classes_replace_the_head_and_nothing_else_and_a_warning_says_so(trained: Run) -> None:
    before = zoo.from_pretrained(str(trained))
    with pytest.warns(FreshHeadWarning, match="its head for bright, dark is replaced by a fresh one for 4 classes"):
        model = zoo.from_pretrained(str(trained), num_classes=4)
    assert model.classes == ("0", "1", "2", "3")
    old, new = before.network.state_dict(), model.network.state_dict()
    changed = {name for name in new if not torch.equal(old[name], new[name])} if old.keys() == new.keys() else set()
    assert {name for name in new if old[name].shape != new[name].shape} <= changed == {"fc.weight", "fc.bias"}
    assert model.predict(Image.new("RGB", (8, 8))).label in model.classes


def test_the_same_number_of_classes_keeps_the_head(trained: Run) -> None:
    assert zoo.from_pretrained(str(trained), num_classes=2).classes == ("bright", "dark")


def test_a_model_with_a_new_head_remembers_what_the_rest_of_it_has_seen(trained: Run, tmp_path: Path) -> None:
    with pytest.warns(FreshHeadWarning):
        model = zoo.from_pretrained(str(trained), num_classes=4)
    assert model.seen is not None
    saved = zoo.from_pretrained(model.save(tmp_path / "four"))
    assert saved.seen is not None
    assert saved.seen.images.tolist() == model.seen.images.tolist()
    assert saved.config.training is None
    assert saved.metrics is None


def test_a_model_with_a_new_head_says_what_the_rest_of_it_was_trained_on(trained: Run, tmp_path: Path) -> None:
    training = zoo.from_pretrained(trained).config.training
    assert training is not None
    for number, model in ((4, str(trained)), (3, tmp_path / "4")):  # a head that is replaced again changes nothing
        with pytest.warns(FreshHeadWarning):
            zoo.from_pretrained(model, num_classes=number).save(tmp_path / str(number))
        saved = zoo.from_pretrained(tmp_path / str(number)).config
        assert (saved.training, saved.earlier_training, saved.last_training) == (None, training, training)


def test_a_training_that_is_stated_of_a_model_with_a_new_head_takes_the_place_of_the_earlier_one(trained: Run) -> None:
    with pytest.warns(FreshHeadWarning):
        model = zoo.from_pretrained(trained, num_classes=4)
    assert model.config.earlier_training is not None
    model.describe_training(model.config.earlier_training)
    assert model.config.earlier_training is None


@pytest.mark.parametrize("wrong", [1, 0, "four", 2.5])
def test_a_wrong_number_of_classes_is_refused(trained: Run, wrong: Any) -> None:
    with pytest.raises(UsageError):
        zoo.from_pretrained(str(trained), num_classes=wrong)
