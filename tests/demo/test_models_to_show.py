from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import zoo
from zoo.cli.main import main
from zoo.errors import HubError, UsageError
from zoo.registry import registry
from zoo.runs import Run
from zoo_demo import models_to_show as module
from zoo_demo.models_to_show import models_to_show

Published = Callable[..., None]
ONE, TWO = f"you/one@{'1' * 40}", f"you/two@{'2' * 40}"


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Published]:
    """Publish weights in a registry file of the user; those of `gone` cannot be downloaded."""

    def publish(*repos: str, gone: str = "") -> None:
        rows = "".join(
            f"  mine{number}: {{architecture: small_resnet, recipe: quick, weights: {repo}}}\n"
            for number, repo in enumerate(repos)
        )
        (tmp_path / "mine.yaml").write_text(f"models:\n{rows}", encoding="utf-8")
        monkeypatch.setenv("ZOO_REGISTRY", str(tmp_path / "mine.yaml"))
        registry.cache_clear()

        def pull(repo: str) -> None:
            if repo == gone:
                raise HubError("cannot be reached", where=repo)

        monkeypatch.setattr(module, "pull", pull)

    yield publish
    registry.cache_clear()


def _shown(*named: str, agrees: bool = False) -> tuple[list[str], list[str], list[str]]:
    """Return the models, the questions that were asked, and the messages."""
    asked: list[str] = []
    said: list[str] = []

    def confirm(question: str) -> bool:
        asked.append(question)
        return agrees

    return models_to_show(named, device="auto", confirm=confirm, progress=False, echo=said.append), asked, said


def test_the_models_that_are_named_are_shown_and_no_others(runs: Callable[..., Path], published: Published) -> None:
    runs("dala-1")
    published(ONE)
    assert _shown("a", "b/c") == (["a", "b/c"], [], [])


def test_without_names_the_newest_runs_and_published_weights_are_shown(
    runs: Callable[..., Path], published: Published
) -> None:
    runs("dala-1")
    published(ONE, TWO, ONE)
    shown, asked, said = _shown()
    assert shown == ["runs/dala-1", ONE, TWO]
    assert asked == []
    assert said == [f"downloading {repo}, which the registry names" for repo in (ONE, TWO)]


def test_published_weights_that_cannot_be_downloaded_are_left_out_and_said(published: Published) -> None:
    published(ONE, TWO, gone=ONE)
    shown, _, said = _shown()
    assert shown == [TWO]
    assert f"left out: {ONE}: cannot be reached" in said


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch, trained: Run) -> list[dict[str, Any]]:
    """The trainings that were asked for; each returns a run that was trained before."""
    asked: list[dict[str, Any]] = []

    def train(model: str, **given: Any) -> Run:
        asked.append({"model": model, **given})
        return trained

    monkeypatch.setattr(zoo, "train", train)
    return asked


def test_with_nothing_to_show_a_small_model_is_trained_only_if_the_user_agrees(
    trained: Run, training: list[dict[str, Any]]
) -> None:
    with pytest.raises(UsageError, match="no model to show"):
        _shown(agrees=False)
    assert training == []
    shown, (question,), said = _shown(agrees=True)
    assert shown == [str(trained.path)]
    (given,) = training
    assert "data" not in given, "the synthetic sample is the default"
    for text in (question, *said):
        assert "synthetic sample" in text
        assert "mean nothing for tissue" in text


def test_with_train_the_command_does_not_ask(
    monkeypatch: pytest.MonkeyPatch, trained: Run, training: list[dict[str, Any]]
) -> None:
    shown = []

    def make_page(models: list[str], **_: Any) -> None:
        shown.extend(models)
        raise UsageError("enough")

    monkeypatch.setattr(import_module("zoo_demo.open_demo"), "make_page", make_page)
    with pytest.raises(SystemExit):
        main(["demo", "--train", "--no-browser", "--device", "cpu"])
    assert shown == [str(trained.path)]
    assert len(training) == 1


@pytest.mark.slow
def test_the_small_model_tells_most_synthetic_tiles_apart(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_CACHE", str(cache))
    (shown,) = models_to_show([], device="cpu", confirm=lambda _: True, progress=False, echo=lambda _: None)
    assert shown == "runs/resnet20-sample-1"
    assert Run.open(shown).metrics.measures.values["auroc"] > 0.9
