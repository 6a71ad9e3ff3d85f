from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from zoo.errors import UsageError
from zoo_demo import space

DEMO = Path(space.__file__).resolve().parent.parent


def test_the_models_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(space.MODELS, " you/one, you/two,, ")
    assert space.named_models() == ["you/one", "you/two"]


@pytest.mark.parametrize("value", ["", " , "])
def test_without_models_the_space_says_what_to_set(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(space.MODELS, value)
    with pytest.raises(UsageError, match=space.MODELS):
        space.named_models()


def test_the_readme_is_what_a_space_needs() -> None:
    _, front, text = (DEMO / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    said = yaml.safe_load(front)
    assert said["sdk"] == "gradio"
    assert tuple(map(int, said["sdk_version"].split("."))) >= (6, 20)
    assert said["python_version"] in {"3.10", "3.12"}, "what ZeroGPU runs"
    assert (DEMO / said["app_file"]).is_file()
    assert len(said["short_description"]) <= 60
    assert space.MODELS in text
    assert re.search(r"^histozoo\b", (DEMO / "requirements.txt").read_text(), re.MULTILINE)
