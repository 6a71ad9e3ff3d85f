"""Third-party packages from `zoo new-plugin`, installed with pip: one unchanged, the others with one mistake each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.guide import pip_install
from tests.installed_packages import Answer, Site
from tests.warm_python import WarmPython
from zoo.new_plugin import new_plugin

INIT, MODEL, PROJECT = "zoo_{name}/__init__.py", "zoo_{name}/model.py", "pyproject.toml"
WRONG = {
    "raises_on_import": (INIT, "import zoo\n", "import zoo\n\nraise RuntimeError('no driver')\n"),
    "misspells_hook": (INIT, "def zoo_register_models", "def zoo_register_model"),
    "takes_a_name": (INIT, 'name="takes_a_name"', 'name="dala"'),
    "registers_garbage": (INIT, "register(MODEL)", "register({'name': MODEL.name})"),
    "needs_newer_zoo": (PROJECT, '"histozoo>=', '"histozoo>=99", "histozoo>='),
    "wrong_shape": (MODEL, "return SmallResNet(", "return nn.Sequential(SmallResNet("),
}
"""The file of each mistake, the text in it, and what replaces that."""
MESSAGES = {
    "raises_on_import": "RuntimeError: no driver",
    "misspells_hook": "unknown hook 'zoo_register_model' in plugin",
    "takes_a_name": "registers the model 'dala', which dala (histozoo",
    "registers_garbage": "zoo_register_models: {'name': 'registers_garbage'} must be a zoo.spec.Architecture",
    "needs_newer_zoo": "zoo-needs-newer-zoo 0.1.0 needs histozoo>=99, and this is histozoo",
}


Rows = dict[str, dict[str, object]]


def add_mistake(folder: Path, name: str) -> None:
    """Make one mistake in a package."""
    file, old, new = WRONG[name]
    path = folder / file.format(name=name)
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    text = text.replace(old, new)
    if name == "wrong_shape":
        text = text.replace("attention=ChannelGate)", "attention=ChannelGate), nn.Unflatten(1, (num_outputs, 1, 1)))")
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A folder with all packages, installed with pip."""
    sources = tmp_path_factory.mktemp("sources")
    folders = [new_plugin("my-gate", parent=sources)]
    for name in WRONG:
        folders.append(new_plugin(name, parent=sources))
        add_mistake(folders[-1], name)
    site = Site(tmp_path_factory.mktemp("site"))
    pip = [sys.executable, "-m", "pip", *pip_install(site.folder)]
    done = subprocess.run([*pip, *map(str, folders)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture(scope="module")
def rows(site: Site) -> Rows:
    return {row["name"]: row for row in site.zoo("plugins", "--json").json}


@pytest.mark.parametrize("name", MESSAGES)
def test_plugins_verify_and_show_give_the_error_of_a_broken_package(site: Site, rows: Rows, name: str) -> None:
    assert MESSAGES[name] in str(rows[name]["error"])
    assert rows[name]["models"] == []
    package = f"{name} (zoo-{name.replace('_', '-')} 0.1.0)"
    for command in ("verify", "show"):
        answer = site.zoo(command, name)
        assert_error(answer, f"error: {package}: this plugin is broken: ")
        assert_error(answer, MESSAGES[name])


def assert_error(answer: Answer, message: str) -> None:
    assert (answer.status, answer.out) == (1, "")
    assert message in answer.err
    assert "Traceback" not in answer.err


def test_logits_of_a_wrong_shape_fail_only_in_verify(site: Site, rows: Rows, warm_python: WarmPython) -> None:
    assert rows["wrong_shape"]["error"] is None
    answer = site.zoo("verify", "wrong_shape", "--json", python=warm_python)
    assert answer.status == 1
    errors = {outcome["check"]: outcome["error"] for outcome in answer.json if outcome["error"]}
    assert errors["returns_logits"].startswith(
        "two images give logits of shape (2, 2, 1, 1), not (2, 2)\n  return one row"
    )


def test_models_of_working_packages_are_listed_despite_broken_ones(site: Site, rows: Rows) -> None:
    broken = {name for name, row in rows.items() if row["error"]}
    assert broken == set(MESSAGES)
    answer = site.zoo("list")
    assert answer.status == 0
    assert {"my_gate", "wrong_shape", "dala", "resnet50"} <= set(answer.out.split())
    for name in broken:
        assert (
            f"broken plugin: {name} (zoo-{name.replace('_', '-')} 0.1.0); `zoo plugins` shows its error" in answer.err
        )


def test_an_unchanged_new_plugin_is_verified_trained_and_evaluated_despite_broken_packages(
    site: Site, tiles: Path, warm_python: WarmPython
) -> None:
    verified = site.zoo("verify", "my_gate", python=warm_python)
    assert verified.status == 0, verified.out + verified.err
    assert verified.out.endswith("my_gate passes all 22 checks\n")
    small = ("--height", "32", "--width", "32", "--batch-size", "8", "--device", "cpu")
    words = ("--epochs", "1", "--data", "folder", "--root", str(tiles), *small, "--json")
    trained = site.zoo("train", "my_gate", *words, python=warm_python)
    assert trained.status == 0, trained.err
    config = json.loads((site.folder / trained.json["run"] / "bundle" / "config.json").read_text(encoding="utf-8"))
    assert config["plugin"] == {"name": "my_gate", "distribution": "zoo-my-gate", "version": "0.1.0"}
    evaluated = site.zoo("evaluate", trained.json["run"], "--json", python=warm_python)
    assert evaluated.json["measures"]["values"] == trained.json["evaluation"]["measures"]["values"]
