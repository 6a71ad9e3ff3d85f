"""The commands of docs/guides/laptop.md, typed one after the other in a folder of images, but with fewer epochs."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zoo
from tests.docs.guide import blocks
from tests.installed_packages import Answer

PAGE = Path(zoo.__file__).resolve().parent.parent / "docs" / "guides" / "laptop.md"
SHORTER = ["--height", "32", "--width", "32", "--epochs", "1", "--batch-size", "8", "--device", "cpu"]


def test_the_guide_for_a_laptop_works_as_written(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Answer]
) -> None:
    monkeypatch.setenv("ZOO_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    draw_photos(tmp_path)
    lines = [line for block in blocks(PAGE) if block.kind == "" for line in block.text.splitlines()]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("zoo ")]
    assert [words[0] for words in commands] == ["data", "train", "predict", "explain", "demo"]
    said = {}
    for words in commands[:-1]:  # a test of its own starts the page of the demo
        answer = command(*words, *(SHORTER if words[0] == "train" else []))
        assert answer.status == 0, f"{words}: {answer.err}"
        said[words[0]] = answer.out + answer.err
    assert re.search(r"patients +12\n", said["data"])
    assert "is the network worth it?" in said["train"]
    assert Path("runs/resnet20-folder-1/report.html").exists()
    with Path("answers.csv").open(newline="") as file:
        assert [Path(row["path"]).name for row in csv.DictReader(file)] == ["one.png"]
    assert Path("heat_maps.png").exists()


def draw_photos(folder: Path) -> None:
    """Draw the images of the guide: two classes of six patients each with their table, and one new image."""
    generator = np.random.default_rng(0)
    rows = []
    for number in range(48):
        label = ("normal", "tumor")[number % 2]
        path = folder / "photos" / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = generator.integers(60 + 90 * (number % 2), 160 + 90 * (number % 2), (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
        rows.append([f"{label}/{path.name}", number % 12])
    with (folder / "photos" / "groups.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["path", "group"], *rows])
    (folder / "new").mkdir()
    Image.fromarray(pixels).save(folder / "new" / "one.png")
