"""Which plugins are loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

import zoo
from tests.installed_packages import Site
from zoo.plugins.discovery import ESSENTIAL

GOOD = """\
import zoo
from zoo.spec import Architecture


@zoo.hookimpl
def zoo_register_models(register):
    register(Architecture(name="good", build="somewhere.model:build", summary="good"))
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


def names(site: Site, **env: str) -> set[str]:
    answer = site.zoo("plugins", "--json", env=env)
    assert answer.status == 0, answer.err
    return {row["name"] for row in answer.json}


def test_all_plugins_are_loaded_if_zoo_plugins_is_not_set(site: Site) -> None:
    site.install("stranger", GOOD)
    assert {"dala", "sources", "stranger"} <= names(site)


def test_only_the_plugins_named_in_zoo_plugins_are_loaded_and_those_that_the_zoo_needs(site: Site) -> None:
    site.install("stranger", "raise RuntimeError")
    assert names(site, ZOO_PLUGINS="dala, sources") == {"dala", "sources", *ESSENTIAL}
    assert names(site, ZOO_PLUGINS="none") == set(ESSENTIAL)


def test_a_plugin_that_the_zoo_needs_cannot_be_left_out(site: Site) -> None:
    answer = site.zoo("plugins", env={"ZOO_PLUGINS": "-augmentations"})
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == "error: ZOO_PLUGINS: the plugin augmentations cannot be left out, since the zoo needs it\n"


def test_list_names_the_plugins_left_out_by_zoo_plugins(site: Site) -> None:
    answer = site.zoo("list", env={"ZOO_PLUGINS": "baselines"})
    assert answer.status == 0
    assert "resnet50" in answer.out
    assert "dala" not in answer.out
    assert "not loaded because of ZOO_PLUGINS: " in answer.err
    assert "dala" in answer.err


def test_show_of_a_model_whose_plugin_is_left_out_says_that_its_architecture_is_missing(site: Site) -> None:
    answer = site.zoo("show", "dala", env={"ZOO_PLUGINS": "none"})
    assert (answer.status, answer.out) == (1, "")
    assert "model 'dala' needs the architecture 'dala', which no loaded plugin registers" in answer.err


def test_a_misspelt_name_in_zoo_plugins_suggests_the_nearest(site: Site) -> None:
    answer = site.zoo("list", env={"ZOO_PLUGINS": "dalla"})
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == "error: ZOO_PLUGINS: unknown plugin 'dalla'\n  did you mean dala?\n"


@pytest.mark.parametrize("needs", ["histozoo>=99", "Histozoo<0.0.1", "histozoo>=99; python_version > '3'"])
def test_a_package_that_requires_another_version_of_histozoo_is_not_imported(site: Site, needs: str) -> None:
    site.install("stranger", "raise SystemError('imported')", requires=[needs])
    row = site.zoo("plugins", "--json").json[-1]
    assert row["error"].startswith(f"stranger 1.0 needs {needs}, and this is histozoo {zoo.__version__}")
    assert row["models"] == []


@pytest.mark.parametrize("needs", ["histozoo>=0.0.1", "torch>=99", "histozoo>=99; extra == 'later'", "no valid text!"])
def test_a_package_whose_requirements_allow_this_version_is_loaded(site: Site, needs: str) -> None:
    site.install("stranger", GOOD, requires=[needs])
    row = site.zoo("plugins", "--json").json[-1]
    assert (row["error"], row["models"]) == (None, ["good"])


def test_zoo_trace_plugins_prints_every_hook_on_standard_error(site: Site) -> None:
    site.install("stranger", GOOD)
    answer = site.zoo("list", "--json", env={"ZOO_TRACE_PLUGINS": "1"})
    assert isinstance(answer.json, list)
    assert "stranger: import stranger " in answer.err
    assert "stranger: zoo_register_models " in answer.err
    assert site.zoo("list", "--json").err == ""
