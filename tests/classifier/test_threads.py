"""One classifier shared by several threads: every answer is that of a single thread, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event, get_ident
from typing import Any

import numpy as np
import pytest
import torch

from zoo import Classifier, create_model, from_pretrained
from zoo.spec import Preprocessing

THREADS = 8
SIZES = {"dala": 64, "cbam20": 32, "vit": 32, "lung_frelu": 64}
TILES = np.random.default_rng(0).integers(0, 256, (5, 40, 50, 3), dtype=np.uint8)
Call = Callable[[], Any]


def _small(name: str, **options: int) -> Classifier:
    """A classifier for small images, so that many calls take little time."""
    torch.manual_seed(0)
    classifier = create_model(name, options=options)
    size = SIZES.get(name, 32)
    return Classifier(
        classifier.network, replace(classifier.config, preprocessing=Preprocessing(height=size, width=size))
    ).eval()


def _logits(classifier: Classifier, tile: np.ndarray) -> bytes:
    with torch.no_grad():
        return classifier(classifier.preprocess(tile)).numpy().tobytes()


def _explained(classifier: Classifier, tile: np.ndarray, method: str) -> tuple[object, bytes]:
    found = classifier.explain(tile, method=method)
    return found.prediction, found.heat.tobytes()


def _calls(classifier: Classifier) -> list[Call]:
    """Different calls on each of the tiles."""
    return [
        call
        for tile in TILES
        for call in (
            partial(classifier.predict, tile),
            partial(_explained, classifier, tile, "grad-cam"),
            partial(_logits, classifier, tile),
            partial(_explained, classifier, tile, "dt-gradcam"),
        )
    ]


def _differing(calls: list[Call], count: int) -> int:
    """How many of `count` calls from 8 threads give another answer than a single thread."""
    alone = [call() for call in calls]
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda number: calls[number % len(calls)](), range(count)))
    return sum(answer != alone[number % len(calls)] for number, answer in enumerate(found))


def test_800_calls_from_8_threads_give_the_answers_of_one_thread() -> None:
    assert _differing(_calls(_small("cbam20", depth=8)), 800) == 0


@pytest.mark.parametrize("name", SIZES)
def test_threads_that_explain_and_predict_do_not_disturb_each_other(name: str) -> None:
    assert _differing(_calls(_small(name)), 48) == 0


def test_threads_can_share_a_classifier_in_training_mode() -> None:
    classifier = _small("resnet20", depth=8).train()
    calls = [call for call in _calls(classifier) if call.func is not _logits]  # type: ignore[attr-defined]
    assert _differing(calls, 400) == 0
    assert all(module.training for module in classifier.modules())


@pytest.mark.parametrize("method", ["predict", "explain"])
def test_a_call_that_ends_does_not_switch_one_that_is_running_to_training_mode(method: str) -> None:
    classifier = _small("resnet20", depth=8)
    want = classifier.predict(TILES[1])
    classifier.train()
    started, ended = Event(), Event()
    first = get_ident()
    other: list[Future[Any]] = []

    def meet(*_: object) -> None:
        if get_ident() == first:
            other.append(pool.submit(getattr(classifier, method), TILES[1]))
            started.wait(10)  # the other thread has begun, and this one ends before it
        else:
            started.set()
            ended.wait(10)

    hook = classifier.network.get_submodule("conv1").register_forward_hook(meet)
    with ThreadPoolExecutor(1) as pool:
        classifier.predict(TILES[0])
        ended.set()
        found = other[0].result()
    hook.remove()
    assert (found if method == "predict" else found.prediction) == want


def test_predicting_gives_the_same_whatever_autograd_mode_the_thread_is_in() -> None:
    classifier = _small("resnet20", depth=8)
    want = [call() for call in _calls(classifier)]
    for mode in (torch.no_grad, torch.enable_grad, torch.inference_mode):
        with mode():
            assert [call() for call in _calls(classifier)] == want


def test_a_classifier_that_is_made_in_inference_mode_can_be_explained(tmp_path: Path) -> None:
    with torch.inference_mode():
        fresh = _small("resnet20", depth=8)
        loaded = from_pretrained(fresh.save(tmp_path / "bundle"))
        loaded.explain(TILES[0])
    assert loaded.explain(TILES[0]).prediction == loaded.predict(TILES[0])
    assert fresh.explain(TILES[0]).prediction == fresh.predict(TILES[0])


def test_save_and_predict_can_run_at_the_same_time(tmp_path: Path) -> None:
    classifier = _small("resnet20", depth=8).train()
    saves = [lambda number=number: classifier.save(tmp_path / f"{number}").name for number in range(2)]
    with ThreadPoolExecutor(THREADS) as pool:
        names = [pool.submit(save) for save in saves]
        answers = list(pool.map(classifier.predict, [TILES[0]] * 40))
    assert [name.result() for name in names] == ["0", "1"]
    assert answers == [classifier.predict(TILES[0])] * 40
    assert classifier.training
