from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from zoo.errors import UsageError
from zoo_demo import space

DEMO = Path(space.__file__).resolve().parent.parent


def test_the_models_come_from_the_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(space.VARIABLE, " you/one, you/two,, ")
    assert space.models_from_environment() == ["you/one", "you/two"]


@pytest.mark.parametrize("value", ["", " , "])
def test_without_models_the_error_names_the_variable_to_set(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(space.VARIABLE, value)
    with pytest.raises(UsageError, match=space.VARIABLE):
        space.models_from_environment()


def test_the_readme_configures_a_gradio_space() -> None:
    _, front, text = (DEMO / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    config = yaml.safe_load(front)
    assert config["sdk"] == "gradio"
    assert tuple(map(int, config["sdk_version"].split("."))) >= (6, 20)
    assert config["python_version"] in {"3.10", "3.12"}, "the versions that ZeroGPU supports"
    assert (DEMO / config["app_file"]).is_file()
    assert len(config["short_description"]) <= 60
    assert space.VARIABLE in text
    assert re.search(r"^histozoo\b", (DEMO / "requirements.txt").read_text(), re.MULTILINE)
