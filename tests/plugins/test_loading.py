"""Third-party packages, most of them broken, all installed at once: each is reported, and none affects another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.installed_packages import Answer, Site
from zoo.plugins import plugins
from zoo.plugins.kinds import KINDS

HEAD = """\
from pathlib import Path

import zoo
from zoo.spec import Architecture, Option, Source


def architecture(name, **given):
    return Architecture(name=name, build="somewhere.model:build", summary="a stranger's network", **given)


"""
MODELS = HEAD + "@zoo.hookimpl\ndef zoo_register_models(register):\n    "
SOURCES = HEAD + "@zoo.hookimpl\ndef zoo_register_sources(register):\n    "
FILES = HEAD + "@zoo.hookimpl\ndef zoo_registry_files():\n    "
OWN_FILE = FILES + "return [Path(__file__).with_name('registry.yaml')]\n"

SPECS = """\
import zoo
from zoo.spec import Augmentation, Command, ExplanationMethod, Exporter, Measure

THINGS = {
    "augmentations": Augmentation(name="stain", apply="a.b:c", draws=1, summary=""),
    "explanation_methods": ExplanationMethod(name="grad-cam", title="", explain="a.b:c", summary=""),
    "measures": Measure(name="accuracy", title="", measure="a.b:c", summary=""),
    "exporters": Exporter(name="onnx", title="", summary="", suffix=".x", runs_with="", write="a.b:c", run="a.b:c"),
    "commands": Command(name="list", command="a.b:c", summary=""),
}
"""
OF_ZOO = ("augmentations", "explanation_methods", "measures", "exporters", "commands")


def hook(kind: str, body: str) -> str:
    return f"{SPECS}\n\n@zoo.hookimpl\ndef zoo_register_{kind}(register):\n    {body}\n"


BROKEN: dict[str, tuple[str, str]] = {
    **{f"takes-our-{kind}": (hook(kind, f"register(THINGS[{kind!r}])"), "already registers") for kind in OF_ZOO},
    **{f"returns-{kind}": (hook(kind, "return list(THINGS)"), f"zoo_register_{kind} returns [") for kind in OF_ZOO},
    **{f"yields-{kind}": (hook(kind, "yield 1; raise KeyError"), "a generator, since it contains") for kind in OF_ZOO},
    **{f"raises-after-{kind}": (hook(kind, "1 / 0"), "ZeroDivisionError") for kind in OF_ZOO},
    **{f"no-spec-of-{kind}": (hook(kind, "register({'name': 'x'})"), "must be a zoo.spec.") for kind in OF_ZOO},
    "raises-on-import": ("raise RuntimeError('no driver')", "RuntimeError: no driver"),
    "imports-nothing": ("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'"),
    "is-no-python": ("def broken(:", "SyntaxError"),
    "exits-on-import": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "misspells-a-hook": (
        HEAD + "@zoo.hookimpl\ndef zoo_register_model(register):\n    register(architecture('lost'))\n",
        "unknown hook 'zoo_register_model' in plugin <module 'misspells_a_hook'",
    ),
    "misspells-an-argument": (
        HEAD + "@zoo.hookimpl\ndef zoo_register_models(registre):\n    pass\n",
        "zoo_register_models has the unknown argument 'registre'\n  define it as: def zoo_register_models(register):",
    ),
    "misspells-both": (
        HEAD
        + "@zoo.hookimpl\ndef zoo_register_mod(register):\n    pass\n\n"
        + "@zoo.hookimpl\ndef zoo_register_models(registre):\n    pass\n",
        "registre",
    ),
    "marks-nothing": (
        HEAD + "def zoo_register_models(register):\n    register(architecture('unmarked'))\n",
        "mark zoo_register_models with @zoo.hookimpl",
    ),
    "marks-one-of-two": (
        MODELS + "register(architecture('half'))\n\ndef zoo_register_sources(register):\n    pass\n",
        "mark zoo_register_sources with @zoo.hookimpl",
    ),
    "has-no-hook": (HEAD, "the module has no hook"),
    "takes-our-name": (MODELS + "register(architecture('dala'))\n", "registers the model 'dala', which dala (histozoo"),
    "registers-twice": (
        MODELS + "[register(architecture('again')) for _ in range(2)]\n",
        "registers the model 'again', which it already registers",
    ),
    "takes-our-source": (
        SOURCES + "register(Source(name='folder', read='a.b:c', summary='ours'))\n",
        "registers the source 'folder', which sources (histozoo",
    ),
    "registers-garbage": (MODELS + "register({'name': 'garbage'})\n", "must be a zoo.spec.Architecture"),
    "registers-a-source-as-a-model": (
        MODELS + "register(Source(name='x', read='a.b:c', summary='s'))\n",
        "must be a zoo.spec.Architecture",
    ),
    "raises-in-a-hook": (MODELS + "register(architecture('early'))\n    raise KeyError('late')\n", "KeyError: 'late'"),
    "ships-text": (
        FILES + "return 'registry.yaml'\n",
        "zoo_registry_files returns 'registry.yaml'; it must return a list",
    ),
    "ships-no-list": (FILES + "return Path('registry.yaml')\n", "it must return a list of paths"),
    "ships-nothing": (
        FILES + "return [Path(__file__).with_name('none.yaml')]\n",
        "none.yaml: cannot be read: No such file",
    ),
}

ROWS: dict[str, tuple[str, str]] = {
    "rows-unknown-key": (
        "models:\n  a: {architecture: dala, recpie: modern}\n",
        ":2: unknown key 'recpie'\n  did you mean recipe?",
    ),
    "rows-unknown-section": (
        "\nmodles:\n  a: {architecture: dala}\n",
        ":2: unknown key 'modles'\n  did you mean models?",
    ),
    "rows-bad-type": (
        "models:\n  b:\n    architecture: dala\n    parameters: many\n",
        ":4: parameters must be a whole number",
    ),
    "rows-unknown-recipe": (
        "models:\n  c:\n    architecture: dala\n    recipe: moden\n",
        ":4: model 'c': unknown recipe 'moden'\n  did you mean modern?",
    ),
    "rows-unknown-architecture": (
        "models:\n  d:\n    architecture: dalla\n",
        ":3: model 'd': unknown architecture 'dalla'\n  did you mean dala?",
    ),
    "rows-unknown-option": (
        "models:\n  e:\n    architecture: dala\n    options: {gat: relu}\n",
        ":2: unknown option of e 'gat'\n  did you mean gate?",
    ),
    "rows-bad-preprocessing": (
        "models:\n  f:\n    architecture: dala\n    preprocessing: {hight: 3}\n",
        ":2: unknown preprocessing of f 'hight'\n  did you mean height?",
    ),
    "rows-take-our-name": ("models:\n  dala: {architecture: dala}\n", ":2: model 'dala' is already defined at "),
    "rows-no-yaml": ("models: [\n", "is not YAML"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("site"))
    for name, (code, _) in BROKEN.items():
        site.install(name, code)
    for name, (rows, _) in ROWS.items():
        site.install(name, OWN_FILE, registry=rows)
    site.install("another-of-this-name", HEAD, point="dala", value="another_of_this_name")
    site.install("module-taken-twice", value="zz_good")
    site.install("names-a-function", HEAD, value="names_a_function:architecture")
    site.install("names-nothing", HEAD, value="no_such_module")
    site.install("lost-its-metadata", HEAD)
    (site.folder / "lost_its_metadata-1.0.dist-info" / "METADATA").unlink()
    site.install(
        "zz-good",
        "print('a stranger who prints')\n"
        + MODELS
        + "register(architecture('good', options={'depth': Option(default=3, help='layers')}))\n"
        + SOURCES.removeprefix(HEAD)
        + "register(Source(name='slides', read='somewhere:read', summary='slides'))\n"
        + OWN_FILE.removeprefix(HEAD),
        registry="models:\n  good5: {architecture: good, options: {depth: 5}, recipe: zz}\n"
        "recipes:\n  zz: {summary: a stranger's, epochs: 2}\n",
    )
    return site


@pytest.fixture(scope="module")
def listed(site: Site) -> Answer:
    return site.zoo("list", "--json")


@pytest.fixture(scope="module")
def rows(site: Site) -> list[dict[str, Any]]:
    answer = site.zoo("plugins", "--json")
    assert answer.status == 0, answer.err
    found: list[dict[str, Any]] = answer.json
    return found


def row(rows: list[dict[str, Any]], distribution: str) -> dict[str, Any]:
    return next(row for row in rows if row["distribution"] == distribution)


EXPECTED = {name: said for name, (_, said) in [*BROKEN.items(), *ROWS.items()]} | {
    "another-of-this-name": "the plugin name 'dala' is taken by dala (histozoo",
    "names-a-function": "it must name a module",
    "names-nothing": "ModuleNotFoundError: No module named 'no_such_module'",
    "zz-good": "its module is already loaded, as the plugin 'module_taken_twice'",
}
EXPECTED.pop("zz-good")


@pytest.mark.parametrize("name", EXPECTED)
def test_a_broken_plugin_is_listed_with_its_error_and_registers_nothing(rows: list[dict[str, Any]], name: str) -> None:
    found = row(rows, name)
    assert EXPECTED[name] in found["error"]
    assert (found["models"], found["sources"], found["files"]) == ([], [], [])
    assert found["version"] == "1.0"


def test_a_package_without_metadata_is_listed_as_unknown(rows: list[dict[str, Any]]) -> None:
    assert row(rows, "unknown")["name"] == "lost_its_metadata"


def test_a_module_named_by_two_entry_points_is_loaded_once(rows: list[dict[str, Any]]) -> None:
    both = [row(rows, name) for name in ("module-taken-twice", "zz-good")]
    assert [one["models"] for one in both] == [["good"], []]
    assert "already loaded, as the plugin 'module_taken_twice'" in both[1]["error"]


def test_the_builtin_plugins_load_first_and_without_errors(rows: list[dict[str, Any]]) -> None:
    ours = [row["distribution"] == "histozoo" for row in rows]
    assert ours == sorted(ours, reverse=True)
    assert all(row["error"] is None for row in rows if row["distribution"] == "histozoo")
    assert {"dala", "baselines", "sources"} <= {row["name"] for row in rows}


def test_list_shows_the_models_of_working_plugins_and_none_of_broken_ones(listed: Answer) -> None:
    assert listed.status == 0
    names = {row["name"] for row in listed.json}
    assert {"dala", "resnet50", "resnet20", "good5"} <= names
    assert not names & {"lost", "unmarked", "half", "again", "early", "garbage", "x", *"abcdef"}


def test_what_a_plugin_prints_goes_to_standard_error(listed: Answer) -> None:
    assert "a stranger who prints" in listed.err
    assert "a stranger who prints" not in listed.out


def test_list_and_plugins_report_every_broken_plugin_in_their_text_output(site: Site) -> None:
    listed, shown = site.zoo("list"), site.zoo("plugins")
    assert listed.status == shown.status == 0
    for name in EXPECTED:
        assert f"({name} 1.0); `zoo plugins` shows its error" in listed.err
    assert shown.out.count("BROKEN: ") == len(EXPECTED) + 2
    assert "Traceback" not in listed.err + shown.err


def test_show_describes_a_model_of_a_third_party_plugin(site: Site) -> None:
    answer = site.zoo("show", "good5")
    assert answer.status == 0, answer.err
    for text in ("a stranger's network", "depth = 5: layers", "epochs 2", "module-taken-twice 1.0", "registry.yaml:2"):
        assert text in answer.out


def test_a_name_registered_by_two_plugins_is_an_error_that_names_both(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.install("first", MODELS + "register(architecture('same'))\n", point="one")
    site.install("second", MODELS + "register(architecture('same'))\n", point="two")
    site.install("third", MODELS + "register(architecture('other'))\n", point="one")
    rows = site.zoo("plugins", "--json").json
    assert row(rows, "first")["models"] == ["same"]
    assert row(rows, "second")["error"].endswith(
        "second/__init__.py:13: registers the model 'same', which one (first 1.0) already registers"
    )
    assert row(rows, "third")["error"] == "the plugin name 'one' is taken by one (first 1.0)"


def test_a_source_and_a_model_may_share_a_name(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.install("aa", SOURCES + "register(Source(name='same', read='a.b:c', summary=''))\n")
    site.install("bb", MODELS + "register(architecture('same'))\n")
    site.install("cc", MODELS + "register(architecture('same'))\n")
    rows = site.zoo("plugins", "--json").json
    assert row(rows, "bb")["models"] == ["same"]
    assert "which bb (bb 1.0) already registers" in row(rows, "cc")["error"]


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_all_of_a_kind_is_listed_in_the_order_in_which_plugins_are_loaded(kind: str) -> None:
    found = plugins()
    assert list(getattr(found, kind)) == [name for plugin in found.loaded for name in plugin.registered(kind)]
