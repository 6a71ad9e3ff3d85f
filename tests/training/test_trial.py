"""A network is tried before it is trained, and the trial changes no result."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from tests.installed_packages import Site
from tests.warm_python import WarmPython
from zoo import train
from zoo.files import sha256
from zoo.training import start

pytestmark = pytest.mark.usefixtures("empty_charts")

Settings = dict[str, Any]
LYING = Path(__file__).parents[1] / "testing" / "lying_networks.py"
REGISTER = """
import zoo
from zoo.spec import Architecture, Preprocessing

print("registering")
SMALL = Preprocessing(height=16, width=16)


@zoo.hookimpl
def zoo_register_models(register):
    for name in ("Views", "TiedModules", "DrawnBuffer", "PrintsInForward", "writes_to_descriptor"):
        register(Architecture(name=name, build=f"lying.networks:{name}", summary="", preprocessing=SMALL))
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path / "site")
    site.install("lying", REGISTER)
    copyfile(LYING, site.folder / "lying" / "networks.py")
    return site


def words(tiles: Path, name: str) -> list[str]:
    size = ["--height=16", "--width=16", "--epochs=1", "--batch-size=8", "--device=cpu", "--precision=float32"]
    return ["train", name, "--data=folder", f"--root={tiles}", "--out=run", "--recipe=modern", *size]


def test_the_trial_of_a_network_does_not_change_the_weights_that_are_trained(
    quick: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {**quick, "precision": "bfloat16", "augment": ("symmetries", "stain"), "epochs": 1}
    tried = train("cbam20", out=tmp_path / "tried", **settings)
    trials = []
    monkeypatch.setattr(start, "try_network", lambda *_: trials.append(1))
    untried = train("cbam20", out=tmp_path / "untried", **settings)
    assert trials == [1]
    assert sha256(tried.bundle / "model.safetensors") == sha256(untried.bundle / "model.safetensors")
    assert (tried.path / "predictions.csv").read_text() == (untried.path / "predictions.csv").read_text()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "Views",
            "Views cannot be trained: forward fails for images of 16x16 in training mode (float32, channels_last): ",
        ),
        ("TiedModules", "TiedModules cannot be trained: the weights cannot be saved: "),
        ("DrawnBuffer", "DrawnBuffer cannot be trained: a network that is saved and loaded gives other logits"),
    ],
)
def test_a_network_that_cannot_be_trained_is_an_error_before_the_run_folder_exists(
    site: Site, tiles: Path, warm_python: WarmPython, name: str, said: str
) -> None:
    answer = site.zoo(*words(tiles, name), python=warm_python)
    assert answer.status == 1
    assert f"error: lying (lying 1.0): {said}" in answer.err
    assert "Traceback" not in answer.err
    assert not (site.folder / "run").exists()


@pytest.mark.parametrize("name", ["PrintsInForward", "writes_to_descriptor"])
def test_what_a_network_prints_does_not_spoil_the_json_document_of_a_training(
    site: Site, tiles: Path, warm_python: WarmPython, name: str
) -> None:
    answer = site.zoo(*words(tiles, name), "--json", python=warm_python)
    assert answer.status == 0, answer.err
    assert answer.json["run"].endswith("run")
    for text in ("registering", "forward (" if name == "PrintsInForward" else "building Right in C"):
        assert text in answer.err
