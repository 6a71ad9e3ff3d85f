"""A training with the augmentation of a plugin."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.installed_packages import Site
from tests.training.test_resume import Stopper
from zoo import resume, train
from zoo.errors import Interrupted, PluginError, RunError, UnknownNameError
from zoo.registry import registry
from zoo.runs import Run
from zoo.training import code_version

pytestmark = pytest.mark.usefixtures("empty_charts")

REGISTER = """
import zoo
from zoo.spec import Augmentation

@zoo.hookimpl
def zoo_register_augmentations(register):
    for name in ("darker", "nan", "squared"):
        register(Augmentation(name=name, apply=f"shading.augmentations:{name}", draws=1, summary="for a test"))
"""
FUNCTIONS = """
def darker(images, draws):
    return images * (1 - draws[:, :, None, None] / 2)

def nan(images, draws):
    return images / 0 * 0

def squared(images, draws):
    return images[:, :, :8, :8]
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "site")
    site.install("shading", REGISTER)
    (site.folder / "shading" / "augmentations.py").write_text(FUNCTIONS)
    with site.in_this_process():
        yield site


@pytest.fixture
def settings(quick: dict[str, Any]) -> dict[str, Any]:
    return {**quick, "augment": ("symmetries", "darker"), "epochs": 1, "model_options": {"depth": 8}}


def _stopped(settings: dict[str, Any], out: Path) -> Run:
    with pytest.raises(Interrupted):
        train("resnet20", out=out, progress=Stopper(1, signal.SIGTERM), **settings)
    return Run.open(out)


@pytest.mark.slow
def test_a_training_with_the_augmentation_of_a_plugin_is_resumed_to_the_same_bits(
    site: Site, settings: dict[str, Any], tmp_path: Path
) -> None:
    whole = train("resnet20", out=tmp_path / "whole", **settings)
    resumed = resume(_stopped(settings, tmp_path / "stopped"))
    weights = [(run.bundle / "model.safetensors").read_bytes() for run in (whole, resumed)]
    assert weights[0] == weights[1]


def test_the_code_of_a_run_has_the_modules_of_the_augmentations_of_its_recipe_and_of_no_others(site: Site) -> None:
    model = registry().model("resnet20")
    assert {"shading", "shading.augmentations"} <= set(code_version.code_version(model, ["stain", "darker"]))
    assert not any(name.startswith("shading") for name in code_version.code_version(model, ["stain"]))


def test_resume_refuses_changed_code_of_an_augmentation_and_names_its_module(
    site: Site, settings: dict[str, Any], tmp_path: Path
) -> None:
    run = _stopped(settings, tmp_path / "run")
    file = site.folder / "shading" / "augmentations.py"
    file.write_text(FUNCTIONS.replace("/ 2)", "/ 3)"))
    code_version.code_hash.cache_clear()
    with pytest.raises(
        RunError, match=r"(?s)the code changed since the run started.*shading\.augmentations: '\w+' then"
    ):
        resume(run)


def test_a_run_whose_augmentation_is_no_longer_installed_is_not_resumed(
    site: Site, settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _stopped(settings, tmp_path / "run")
    monkeypatch.setenv("ZOO_PLUGINS", "-shading")
    with site.in_this_process(), pytest.raises(UnknownNameError, match="unknown augmentation 'darker'"):
        resume(run)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nan", "augmentation nan: shading.augmentations:nan returns values that are NaN or infinite"),
        (
            "squared",
            r"augmentation squared: shading.augmentations:squared returns \(2, 3, 8, 8\) of float32 on cpu for",
        ),
    ],
)
def test_an_augmentation_that_does_not_work_is_refused_before_there_is_a_run(
    site: Site, settings: dict[str, Any], tmp_path: Path, name: str, said: str
) -> None:
    with pytest.raises(PluginError, match=said):
        train("resnet20", out=tmp_path / "run", **{**settings, "augment": (name,)})
    assert not (tmp_path / "run").exists()
