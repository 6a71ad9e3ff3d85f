from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import one_document
from tests.installed_packages import Answer
from zoo import from_pretrained
from zoo.runs import Run

Command = Callable[..., Answer]


def test_zoo_predict_prints_label_and_probabilities_of_every_image(run: Command, trained: Run, tiles: Path) -> None:
    paths = [str(tiles / "dark" / "03.png"), str(tiles / "bright" / "03.png")]
    answer = run("predict", str(trained), *paths)
    assert answer.status == 0, answer.err
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    for path, one in zip(paths, from_pretrained(trained).predict(paths), strict=True):
        numbers = " ".join(f"{value:.3f}" for value in one.probabilities.values())
        assert f"{path} {one.label} {numbers}" in lines
    assert "image label bright dark" in lines


def test_zoo_predict_json_has_unrounded_probabilities(run: Command, trained: Run, tiles: Path) -> None:
    path = str(tiles / "dark" / "03.png")
    found: Any = one_document(run("predict", str(trained.bundle), path, "--json"))
    wanted = from_pretrained(trained).predict(path)
    assert found == [{"path": path, "label": wanted.label, "probabilities": dict(wanted.probabilities)}]


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (("TRAINED", "nowhere.png"), 1, "nowhere.png: cannot be read: No such file or directory"),
        (("TRAINED", "text.png"), 1, "text.png: is not an image of a known format"),
        (("TRAINED", "GOOD", "text.png"), 1, "text.png: is not an image of a known format"),
        (("TRAINED", "folder"), 1, "folder: cannot be read: Is a directory"),
        (("nowhere", "GOOD"), 1, "nowhere: there is no such folder"),
        (("TRAINED",), 2, "PATHS"),
        (("TRAINED", "GOOD", "--device", "gpu"), 1, "the device 'gpu' cannot be used"),
    ],
)
def test_an_invalid_model_or_image_of_predict_is_an_error_without_a_traceback(
    run: Command, trained: Run, tiles: Path, words: tuple[str, ...], status: int, text: str
) -> None:
    Path("text.png").write_text("no picture")
    Path("folder").mkdir()
    there = {"TRAINED": str(trained), "GOOD": str(tiles / "dark" / "03.png")}
    answer = run("predict", *(there.get(word, word) for word in words))
    assert answer.status == status
    assert text in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""
