from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import Any

import pytest
import timm
import torch
from PIL import Image

import zoo
from zoo.classifier import Classifier
from zoo_demo.analyzer import Analyzer
from zoo_demo.free_memory import free_memory
from zoo_demo.handlers import Handlers
from zoo_demo.models import load_models
from zoo_demo.uploads import Uploads

CPU = torch.device("cpu")
SIZE = 4 * 272_000
"""Some bytes more than the weights of one resnet20."""


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("three")
    for seed, name in enumerate("abc"):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            zoo.create_model("resnet20", classes=("benign", "malignant")).save(folder / name)
    return [str(folder / name) for name in "abc"]


def test_the_models_used_last_stay_in_memory_as_far_as_they_fit(three: list[str]) -> None:
    models = load_models(three, device=CPU, memory=2.5 * SIZE)
    cache = models[0].cache
    assert cache.in_memory == ("b", "c")
    assert cache.size > 2.5 * SIZE
    second = models[1].classifier
    _ = models[0].classifier
    assert cache.in_memory == ("b", "a")
    assert models[1].classifier is second


def test_a_model_that_is_loaded_again_gives_the_same_answers(three: list[str]) -> None:
    models = load_models(three, device=CPU, memory=1)
    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        first = [model.classifier(x) for model in models]
        again = [model.classifier(x) for model in models]
    assert models[0].cache.in_memory == ("c",)
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))
    assert not torch.equal(first[0], first[1])


def test_a_model_whose_folder_has_another_one_since_is_an_error_that_the_page_shows(
    three: list[str], tmp_path: Path, uploads: Uploads, upload: Callable[..., dict[str, Any]], tile: Image.Image
) -> None:
    folder = Path(shutil.copytree(three[0], tmp_path / "retrained"))
    models = load_models([str(folder), three[1]], device=CPU, memory=1)
    handlers = Handlers(Analyzer(models), (), uploads=uploads)
    shutil.rmtree(folder)
    zoo.create_model("resnet20", classes=("malignant", "benign")).save(folder)
    page = handlers.show_results(upload(tile), ["retrained"], "grad-cam", None)
    assert "retrained: the model has changed since the page was started" in page
    assert "Start it again." in page
    assert "zoo-wrong" not in handlers.show_results(upload(tile), ["b"], "grad-cam", None)


def test_a_model_in_a_folder_of_timm_stays_in_memory_since_another_one_there_could_not_be_told(
    three: list[str], tmp_path: Path
) -> None:
    network = timm.create_model("resnet10t", num_classes=2)
    timm.models.save_for_hf(network, tmp_path / "timm", model_config={}, safe_serialization=True)
    models = load_models([str(tmp_path / "timm"), *three], device=CPU, memory=1)
    assert models[0].cache.in_memory == ("timm", "c")
    assert models[0].classifier.classes == models[0].classes == ("0", "1")
    assert models[1].classifier.classes == ("benign", "malignant")
    assert models[0].cache.in_memory == ("timm", "a")


def test_without_a_limit_all_models_stay(three: list[str]) -> None:
    assert load_models(three, device=CPU)[0].cache.in_memory == ("a", "b", "c")


def test_what_the_page_says_of_a_model_does_not_load_it(three: list[str]) -> None:
    first, *_, last = load_models(three, device=CPU, memory=1)
    assert (first.classes, first.parameters) == (("benign", "malignant"), last.parameters)
    assert first.config.entry == "resnet20"
    assert last.cache.in_memory == ("c",)


def test_threads_that_share_a_small_cache_each_get_the_model_they_asked_for(three: list[str]) -> None:
    models = load_models(three, device=CPU, memory=1.5 * SIZE)
    x = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        alone = [model.classifier(x) for model in models]

    def ask(number: int) -> bool:
        with torch.inference_mode():
            return torch.equal(models[number % 3].classifier(x), alone[number % 3])

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(ask, range(24)))


def test_threads_load_one_model_at_a_time_so_that_the_limit_holds_meanwhile(
    three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    models = load_models(three, device=CPU, memory=1.5 * SIZE)
    loading, most = [], []

    def slowly(folder: Path) -> Classifier:
        loading.append(folder)
        most.append(len(loading))
        sleep(0.05)
        loading.remove(folder)
        return zoo.from_pretrained(folder)

    monkeypatch.setattr("zoo_demo.model_cache.from_pretrained", slowly)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda model: model.classifier, models[:2]))
    assert most == [1, 1]


def test_free_memory_is_the_lesser_of_the_machine_and_the_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "meminfo"
    monkeypatch.setattr("zoo_demo.free_memory.MEMORY_INFO", info)
    monkeypatch.setattr("zoo_demo.free_memory.CONTAINER", tmp_path)
    info.write_text("MemTotal: 4000 kB\nMemAvailable:    3000 kB\n")
    assert free_memory(CPU) == 3000 * 1024
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("500\n")
    assert free_memory(CPU) == 3000 * 1024
    (tmp_path / "memory.max").write_text("2000\n")
    assert free_memory(CPU) == 1500
    info.unlink()
    (tmp_path / "memory.max").unlink()
    assert free_memory(CPU) is None
