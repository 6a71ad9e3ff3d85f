"""Strangers' packages, written by `zoo new-plugin` and installed by pip: one as it is written, the others spoilt."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.guide import pip_install
from tests.strangers import Answer, Site
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
"""Where each is spoilt, and how."""
SAID = {
    "raises_on_import": "RuntimeError: no driver",
    "misspells_hook": "unknown hook 'zoo_register_model' in plugin",
    "takes_a_name": "registers the model 'dala', which dala (histozoo",
    "registers_garbage": "zoo_register_models: {'name': 'registers_garbage'} must be a zoo.spec.Architecture",
    "needs_newer_zoo": "zoo-needs-newer-zoo 0.1.0 needs histozoo>=99, and this is histozoo",
}


Rows = dict[str, dict[str, object]]


def spoil(folder: Path, name: str) -> None:
    """Change one thing in a package."""
    file, old, new = WRONG[name]
    place = folder / file.format(name=name)
    text = place.read_text(encoding="utf-8")
    assert text.count(old) == 1
    text = text.replace(old, new)
    if name == "wrong_shape":
        text = text.replace("attention=ChannelGate)", "attention=ChannelGate), nn.Unflatten(1, (num_outputs, 1, 1)))")
    place.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """All of them, installed as anybody would install them, but into a folder of their own."""
    sources = tmp_path_factory.mktemp("sources")
    folders = [new_plugin("my-gate", parent=sources)]
    for name in WRONG:
        folders.append(new_plugin(name, parent=sources))
        spoil(folders[-1], name)
    site = Site(tmp_path_factory.mktemp("site"))
    pip = [sys.executable, "-m", "pip", *pip_install(site.folder)]
    done = subprocess.run([*pip, *map(str, folders)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture(scope="module")
def rows(site: Site) -> Rows:
    return {row["name"]: row for row in site.zoo("plugins", "--json").json}


@pytest.mark.parametrize("name", SAID)
def test_a_broken_package_is_told_wherever_it_is_asked_for(site: Site, rows: Rows, name: str) -> None:
    assert SAID[name] in str(rows[name]["error"])
    assert rows[name]["models"] == []
    package = f"{name} (zoo-{name.replace('_', '-')} 0.1.0)"
    for command in ("verify", "show"):
        told(site.zoo(command, name), f"error: {package}: this plugin is broken: {SAID[name]}")


def told(answer: Answer, message: str) -> None:
    assert (answer.status, answer.out) == (1, "")
    assert message in answer.err
    assert "Traceback" not in answer.err


def test_a_wrong_shape_is_told_by_verify_alone(site: Site, rows: Rows) -> None:
    assert rows["wrong_shape"]["error"] is None
    answer = site.zoo("verify", "wrong_shape", "--json")
    assert answer.status == 1
    errors = {one["check"]: one["error"] for one in answer.json if one["error"]}
    assert errors["gives_logits"].startswith("two images give (2, 2, 1, 1), not (2, 2)\n  forward returns one row")


def test_all_others_are_listed_beside_them(site: Site, rows: Rows) -> None:
    broken = {name for name, row in rows.items() if row["error"]}
    assert broken == set(SAID)
    answer = site.zoo("list")
    assert answer.status == 0
    assert {"my_gate", "wrong_shape", "dala", "resnet50"} <= set(answer.out.split())
    for name in broken:
        assert f"broken plugin: {name} (zoo-{name.replace('_', '-')} 0.1.0); `zoo plugins` says why" in answer.err


def test_the_one_that_is_right_is_verified_trained_and_evaluated_beside_them(site: Site, tiles: Path) -> None:
    verified = site.zoo("verify", "my_gate")
    assert verified.status == 0, verified.out + verified.err
    assert verified.out.endswith("my_gate passes all 16 checks\n")
    small = ("--height", "32", "--width", "32", "--batch-size", "8", "--device", "cpu")
    trained = site.zoo("train", "my_gate", "--epochs", "1", "--data", "folder", "--root", str(tiles), *small, "--json")
    assert trained.status == 0, trained.err
    config = json.loads((site.folder / trained.json["run"] / "bundle" / "config.json").read_text(encoding="utf-8"))
    assert config["plugin"] == {"name": "my_gate", "distribution": "zoo-my-gate", "version": "0.1.0"}
    evaluated = site.zoo("evaluate", trained.json["run"], "--json")
    assert evaluated.json["measures"]["values"] == trained.json["evaluation"]["measures"]["values"]
