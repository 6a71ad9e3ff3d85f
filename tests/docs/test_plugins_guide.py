"""docs/plugins.md works as written, from an empty folder to a published model, and its reference is complete."""

from __future__ import annotations

import os
import re
from dataclasses import fields, replace
from inspect import signature
from pathlib import Path

import pytest

import zoo
import zoo.nn
from tests.docs.guide import Block, Reader, blocks, matches, tables
from tests.hub.fake_hub import TOKEN, Hub, environment
from tests.installed_packages import Site
from tests.testing.wrong import third_party
from tests.warm_python import WarmPython
from zoo.config.recipe import Recipe
from zoo.plugins.hook_checks import HOOKS
from zoo.plugins.kinds import KINDS
from zoo.spec import (
    Architecture,
    Augmentation,
    Command,
    Entry,
    ExplanationMethod,
    Exporter,
    Measure,
    Option,
    Paper,
    Preprocessing,
    Pretrained,
    Source,
)
from zoo.testing import outcomes

__all__ = ["third_party"]

PAGE = Path(zoo.__file__).resolve().parent.parent / "docs" / "plugins.md"
OURS = ("HF_HUB_OFFLINE", "PYTHONPATH", *(name for name in os.environ if name.startswith("ZOO_")))


def make_reader(folder: Path, cache: Path, hub: Hub, python: WarmPython) -> Reader:
    """Return a reader with an empty folder to work in, another to install to, and the given Hub."""
    for name in ("empty", "site"):
        (folder / name).mkdir()
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    env |= {"ZOO_CACHE": str(cache), "OMP_NUM_THREADS": "1", **environment(hub.url, folder / "hf")}
    return Reader(folder=folder / "empty", site=folder / "site", env=env, python=python)


def set_revision(hub: Hub) -> None:
    """Give the pushed commit the revision that the page contains."""
    (revision,) = set(re.findall(r'revision="([0-9a-f]{40})"', PAGE.read_text(encoding="utf-8")))
    commits = hub.repositories["you/my-gate"].commits
    commits[-1] = replace(commits[-1], oid=revision)


@pytest.mark.slow
@pytest.mark.longest
def test_every_block_of_the_guide_works_as_written(tmp_path: Path, cache: Path, warm_python: WarmPython) -> None:
    double = Hub()
    double.tokens[TOKEN] = "you"
    with double.running() as hub:
        reader = make_reader(tmp_path, cache, hub, warm_python)
        for block in blocks(PAGE):
            if "revision=" in block.text:
                set_revision(hub)
            reader.follow(block)
    assert (reader.folder / "heat_map.png").is_file()


@pytest.mark.parametrize("kind", ["", "bash", "text", "toml"])
def test_a_block_that_cannot_be_run_is_an_error(tmp_path: Path, kind: str) -> None:
    reader = Reader(folder=tmp_path, site=tmp_path, env={}, python=WarmPython())
    with pytest.raises(AssertionError, match="cannot run"):
        reader.follow(Block(kind=kind, title=None, text="ls\n", line=1))
    with pytest.raises(AssertionError, match="cannot run"):
        reader.follow(Block(kind="console", title=None, text="$ rm -r .\n", line=1))


MODELS = """
import zoo
from zoo.spec import Architecture, Option

OPTIONS = {{"depth": Option(default=20, help="layers")}}

@zoo.hookimpl
def zoo_register_models(register):
    register({thing})
"""
MINE = 'Architecture(name="mine", build="mine.model:build", summary="mine", options=OPTIONS)'
ROWS = """
from pathlib import Path

@zoo.hookimpl
def zoo_registry_files():
    return [Path(__file__).with_name("registry.yaml")]
"""
GOOD = MODELS.format(thing=MINE)

BROKEN: dict[str, dict[str, object]] = {
    "it raises on import": {"code": "raise RuntimeError('no driver')"},
    "a hook is misspelt": {"code": GOOD.replace("def zoo_register_models", "def zoo_register_model")},
    "a hook is not marked": {"code": GOOD.replace("@zoo.hookimpl", "")},
    "a hook returns a list, or is async": {"code": GOOD.replace("register(Arch", "return (Arch")},
    "a name is a path, an option or a pattern": {"code": GOOD.replace('name="mine"', 'name="../../etc"')},
    "a name is taken": {"code": MODELS.format(thing='Architecture(name="dala", build="a:b", summary="")')},
    "a hook has another argument": {"code": GOOD.replace("(register):", "(registre):")},
    "a default is not allowed": {"code": GOOD.replace('help="layers"', 'help="layers", at_most=10')},
    "it registers something else": {"code": MODELS.format(thing='{"name": "mine"}')},
    "`build` is a function, not its name": {"code": GOOD.replace('"mine.model:build"', "lambda: None")},
    "a row has an unknown key": {"code": GOOD + ROWS, "registry": "models:\n  x:\n    recpie: modern\n"},
    "a row names an unknown option": {
        "code": GOOD + ROWS,
        "registry": "models:\n  mine: {architecture: mine, options: {dpeth: 3}}\n",
    },
    "it needs a newer zoo": {"code": GOOD, "requires": ["histozoo>=99"]},
}
WRONG = {
    "`build` raises": "raises",
    "`forward` raises": "misspelt",
    "the shape is wrong": "four_dimensions",
    "`forward` ends in a softmax": "softmax",
    "a parameter is not used": "idle",
    "`build` reads a file": "reads_file",
    "`forward` changes its images": "in_place",
    "a layer has no shape before the first images": "lazy",
    "a batch norm has no running statistics": "neighbors",
    "the layer for the heat map is misspelt": "misspelt_layer",
}


def expected_messages(mistake: str) -> list[str]:
    """Return the messages that the page's tables give for one mistake."""
    (row,) = [row for row in tables(PAGE, "When something is wrong") if row[0] == mistake]
    return re.findall(r"`([^`]+)`", row[1])


def assert_message(mistake: str, message: str) -> None:
    lines = iter(message.splitlines())
    for expected in expected_messages(mistake):
        assert any(matches(expected, line) for line in lines), f"{expected!r} is not in {message!r}"


def test_every_mistake_in_the_tables_is_tested() -> None:
    assert {row[0] for row in tables(PAGE, "When something is wrong")} == {*BROKEN, *WRONG}


@pytest.mark.parametrize("mistake", BROKEN)
def test_zoo_plugins_shows_the_documented_message_for_a_broken_plugin(tmp_path: Path, mistake: str) -> None:
    site = Site(tmp_path / "site")
    site.install("mine", **BROKEN[mistake])  # type: ignore[arg-type]
    assert_message(mistake, site.zoo("plugins", "--json").json[-1]["error"])


@pytest.mark.parametrize("mistake", WRONG)
def test_zoo_verify_shows_the_documented_message_for_a_wrong_network(third_party: Site, mistake: str) -> None:
    assert_message(mistake, next(outcome.error for outcome in outcomes(WRONG[mistake]) if outcome.error))


REGISTERED = (Architecture, Source, Augmentation, ExplanationMethod, Command, Measure, Exporter)


@pytest.mark.parametrize("kind", [*REGISTERED, Option, Preprocessing, Pretrained, Entry, Paper, Recipe])
def test_every_field_of_a_specification_is_in_the_reference(kind: type) -> None:
    section = PAGE.read_text(encoding="utf-8").partition("\n## Reference: fields\n")[2]
    known = {field.name for field in fields(kind)} - ({"name", "where"} if kind in (Entry, Recipe) else set())
    assert {name for name in known if f"`{name}`" not in section} == set()


@pytest.mark.parametrize("name", zoo.nn.__all__)
def test_every_building_block_of_zoo_nn_is_in_the_reference_with_its_arguments(name: str) -> None:
    (row,) = [row for row in tables(PAGE, "Reference: zoo.nn") if row[0].startswith(f"`{name}(")]
    arguments = set(re.findall(r"\w+", row[0])) - {name}
    assert arguments == set(signature(getattr(zoo.nn, name)).parameters)


EFFECTS = {
    "zoo_register_models": ("def zoo_register_models(register):\n    register({model})\n", "models", ["fresh"]),
    "zoo_register_sources": ("def zoo_register_sources(register):\n    register({source})\n", "sources", ["slides"]),
    "zoo_register_augmentations": (
        "def zoo_register_augmentations(register):\n    register({augmentation})\n",
        "augmentations",
        ["exposure"],
    ),
    "zoo_register_explanation_methods": (
        "def zoo_register_explanation_methods(register):\n    register({method})\n",
        "explanation_methods",
        ["occlusion"],
    ),
    "zoo_register_commands": (
        "def zoo_register_commands(register):\n    register({command})\n",
        "commands",
        ["classes"],
    ),
    "zoo_register_measures": (
        "def zoo_register_measures(register):\n    register({measure})\n",
        "measures",
        ["f2"],
    ),
    "zoo_register_exporters": (
        "def zoo_register_exporters(register):\n    register({exporter})\n",
        "exporters",
        ["frozen"],
    ),
    "zoo_registry_files": ("def zoo_registry_files():\n    return [{file}]\n", "rows", ["fresh20"]),
}
"""Each hook, a plugin that has it alone, and what `zoo` then knows that it did not know before."""
THINGS = {
    "model": 'Architecture(name="fresh", build="a:b", summary="")',
    "source": 'Source(name="slides", read="a:b", summary="")',
    "augmentation": 'Augmentation(name="exposure", apply="a:b", draws=1, summary="")',
    "method": 'ExplanationMethod(name="occlusion", title="Occlusion", explain="a:b", summary="")',
    "command": 'Command(name="classes", command="a:b", summary="")',
    "measure": 'Measure(name="f2", title="F2", measure="a:b", summary="")',
    "exporter": 'Exporter(name="frozen", title="", summary="", suffix=".x", runs_with="", write="a:b", run="a:b")',
    "file": 'Path(__file__).with_name("registry.yaml")',
}


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented_and_has_its_effect(tmp_path: Path, hook: str) -> None:
    assert hook in EFFECTS, f"no test shows the effect of {hook}"
    documented = [row[0] for row in tables(PAGE, "Reference: hooks")]
    assert [row for row in documented if row.startswith(f"`{hook}(")] != [], f"docs/plugins.md does not list {hook}"
    code, kind, expected = EFFECTS[hook]
    site = Site(tmp_path / "site")
    before = known(site)
    head = "from pathlib import Path\n\nimport zoo\nfrom zoo.spec import *\n\n\n@zoo.hookimpl\n"
    site.install("mine", head + code.format(**THINGS), registry="models:\n  fresh20: {architecture: dala}\n")
    after = known(site)
    assert sorted(after[kind] - before[kind]) == expected


def test_every_documented_hook_exists() -> None:
    assert {re.match(r"`(\w+)\(", row[0])[1] for row in tables(PAGE, "Reference: hooks")} == set(HOOKS)  # type: ignore[index]


def known(site: Site) -> dict[str, set[str]]:
    """Return the names of all models, sources and registry rows."""
    plugins = site.zoo("plugins", "--json").json
    kinds = [kind.name for kind in KINDS]
    return {
        **{kind: {name for plugin in plugins for name in plugin[kind]} for kind in kinds},
        "rows": {model["name"] for model in site.zoo("list", "--json").json},
    }
