"""docs/plugins.md does what it says, from an empty folder to a published model, and leaves no hook and no field out."""

from __future__ import annotations

import os
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

import zoo
from tests.docs.guide import Block, Stranger, blocks, said, tables
from tests.hub.double import TOKEN, Hub, environment
from tests.strangers import Site
from tests.testing.wrong import strangers
from zoo.config.recipe import Recipe
from zoo.plugins.manager import HOOKS
from zoo.spec import Architecture, Entry, Option, Paper, Preprocessing, Pretrained, Source
from zoo.testing import outcomes

__all__ = ["strangers"]

PAGE = Path(zoo.__file__).resolve().parent.parent / "docs" / "plugins.md"
OURS = ("HF_HUB_OFFLINE", "PYTHONPATH", *(name for name in os.environ if name.startswith("ZOO_")))


def stranger(folder: Path, cache: Path, hub: Hub) -> Stranger:
    for name in ("empty", "site"):
        (folder / name).mkdir()
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    env |= {"ZOO_CACHE": str(cache), "OMP_NUM_THREADS": "1", **environment(hub.url, folder / "hf")}
    return Stranger(folder=folder / "empty", site=folder / "site", env=env)


def pin(hub: Hub) -> None:
    """The commit that the page names is the one that was pushed."""
    (revision,) = set(re.findall(r'revision="([0-9a-f]{40})"', PAGE.read_text(encoding="utf-8")))
    commits = hub.repositories["you/my-gate"].commits
    commits[-1] = replace(commits[-1], oid=revision)


@pytest.mark.slow
def test_every_block_does_what_it_says(tmp_path: Path, cache: Path) -> None:
    double = Hub()
    double.tokens[TOKEN] = "you"
    with double.running() as hub:
        reader = stranger(tmp_path, cache, hub)
        for block in blocks(PAGE):
            if "revision=" in block.text:
                pin(hub)
            reader.follow(block)
    assert (reader.folder / "where.png").is_file()


@pytest.mark.parametrize("kind", ["", "bash", "text", "toml"])
def test_a_block_that_nobody_can_follow_is_told(tmp_path: Path, kind: str) -> None:
    reader = Stranger(folder=tmp_path, site=tmp_path, env={})
    with pytest.raises(AssertionError, match="nobody knows"):
        reader.follow(Block(kind=kind, title=None, text="ls\n", line=1))
    with pytest.raises(AssertionError, match="nobody knows"):
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
    "a name is taken": {"code": MODELS.format(thing='Architecture(name="dala", build="a:b", summary="")')},
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
    "a parameter is not used": "idle",
    "`build` reads a file": "reads_file",
    "a batch norm has no statistics": "neighbours",
    "the layer for the map is misspelt": "misspelt_layer",
}


def promised(what: str) -> list[str]:
    """The messages that the page's table gives for one mistake."""
    (row,) = [row for row in tables(PAGE, "When something is wrong") if row[0] == what]
    return re.findall(r"`([^`]+)`", row[1])


def assert_said(what: str, message: str) -> None:
    lines = iter(message.splitlines())
    for expected in promised(what):
        assert any(said(expected, line) for line in lines), f"{expected!r} is not in {message!r}"


def test_the_tables_of_mistakes_are_the_ones_that_are_tried() -> None:
    assert {row[0] for row in tables(PAGE, "When something is wrong")} == {*BROKEN, *WRONG}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_plugin_is_told_in_the_pages_words(tmp_path: Path, what: str) -> None:
    site = Site(tmp_path / "site")
    site.install("mine", **BROKEN[what])  # type: ignore[arg-type]
    assert_said(what, site.zoo("plugins", "--json").json[-1]["error"])


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_network_is_told_in_the_pages_words(strangers: Site, what: str) -> None:
    assert_said(what, next(one.error for one in outcomes(WRONG[what]) if one.error))


@pytest.mark.parametrize("kind", [Architecture, Option, Preprocessing, Pretrained, Source, Entry, Paper, Recipe])
def test_every_field_is_in_the_reference(kind: type) -> None:
    section = PAGE.read_text(encoding="utf-8").partition("\n## Reference: fields\n")[2]
    known = {field.name for field in fields(kind)} - ({"name", "where"} if kind in (Entry, Recipe) else set())
    assert {name for name in known if f"`{name}`" not in section} == set()


EFFECTS = {
    "zoo_register_models": ("def zoo_register_models(register):\n    register({model})\n", "models", ["fresh"]),
    "zoo_register_sources": ("def zoo_register_sources(register):\n    register({source})\n", "sources", ["slides"]),
    "zoo_registry_files": ("def zoo_registry_files():\n    return [{file}]\n", "rows", ["fresh20"]),
}
"""Each hook, a plugin that has it alone, and what `zoo` then knows that it did not know before."""
THINGS = {
    "model": 'Architecture(name="fresh", build="a:b", summary="")',
    "source": 'Source(name="slides", read="a:b", summary="")',
    "file": 'Path(__file__).with_name("registry.yaml")',
}


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented_and_has_its_effect(tmp_path: Path, hook: str) -> None:
    assert hook in EFFECTS, f"nothing here shows what {hook} is for"
    documented = [row[0] for row in tables(PAGE, "Reference: hooks")]
    assert [row for row in documented if row.startswith(f"`{hook}(")] != [], f"docs/plugins.md does not list {hook}"
    code, kind, expected = EFFECTS[hook]
    site = Site(tmp_path / "site")
    before = known(site)
    head = "from pathlib import Path\n\nimport zoo\nfrom zoo.spec import Architecture, Source\n\n\n@zoo.hookimpl\n"
    site.install("mine", head + code.format(**THINGS), registry="models:\n  fresh20: {architecture: dala}\n")
    after = known(site)
    assert sorted(after[kind] - before[kind]) == expected


def test_no_hook_is_documented_that_there_is_not() -> None:
    assert {re.match(r"`(\w+)\(", row[0])[1] for row in tables(PAGE, "Reference: hooks")} == set(HOOKS)  # type: ignore[index]


def known(site: Site) -> dict[str, set[str]]:
    """What there is, by the kind of thing a hook can bring."""
    plugins = site.zoo("plugins", "--json").json
    return {
        "models": {name for plugin in plugins for name in plugin["models"]},
        "sources": {name for plugin in plugins for name in plugin["sources"]},
        "rows": {model["name"] for model in site.zoo("list", "--json").json},
    }
