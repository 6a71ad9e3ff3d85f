from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import zoo_demo
from zoo.errors import UsageError
from zoo_demo.space_models import FILE, VARIABLE, models_of_space

DEMO = Path(zoo_demo.__file__).resolve().parent.parent


def test_the_models_come_from_the_environment_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FILE).write_text("you/other\n")
    monkeypatch.setenv(VARIABLE, " you/one, you/two,, ")
    assert models_of_space(tmp_path) == ["you/one", "you/two"]


def test_without_the_variable_they_are_those_of_the_file_beside_app_py(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    (tmp_path / "models" / "mine").mkdir(parents=True)
    (tmp_path / FILE).write_text("# a comment\nyou/one@abc  # the best\n\nmodels/mine\n")
    assert models_of_space(tmp_path) == ["you/one@abc", str(tmp_path / "models" / "mine")]


@pytest.mark.parametrize("value", ["", " , "])
def test_without_models_the_error_names_the_variable_and_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(UsageError, match=VARIABLE) as error:
        models_of_space(tmp_path)
    assert "zoo space push" in str(error.value.hint)
    (tmp_path / FILE).write_text("# none\n")
    with pytest.raises(UsageError, match="names no model"):
        models_of_space(tmp_path)


def test_the_readme_configures_a_gradio_space() -> None:
    _, front, text = (DEMO / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    config = yaml.safe_load(front)
    assert config["sdk"] == "gradio"
    assert tuple(map(int, config["sdk_version"].split("."))) >= (6, 20)
    assert config["python_version"] in {"3.10", "3.12"}, "the versions that ZeroGPU supports"
    assert (DEMO / config["app_file"]).is_file()
    assert len(config["short_description"]) <= 60
    assert VARIABLE in text
    assert re.search(r"^histozoo\b", (DEMO / "requirements.txt").read_text(), re.MULTILINE)
