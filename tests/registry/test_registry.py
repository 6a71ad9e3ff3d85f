"""What plugins register, joined with what registry files name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import Distribution, EntryPoint, PathDistribution
from pathlib import Path

import pytest

import zoo
from zoo.errors import CatalogError, PluginError, UnknownNameError
from zoo.plugins import Plugins, plugins
from zoo.registry import Registry, registry
from zoo.registry.registry_files import builtin_file

Book = Callable[..., Registry]


def test_names_are_in_natural_order_and_match_a_pattern(book: Book) -> None:
    names = book().names()
    assert book().names("cbam*") == ["cbam20", "cbam32", "cbam56", "cbam110"]
    assert (names[0], names[-1]) == ("cbam20", "vit")
    assert {"dala", "resnet20", "resnet50"} <= set(names)
    assert book().names("dal*") == ["dala"]
    assert book().names("nothing*") == []


def test_list_models_returns_the_names_of_the_registry() -> None:
    assert zoo.list_models() == registry().names()
    assert zoo.list_models("dal?") == ["dala"]


def test_a_model_is_its_row_joined_with_its_architecture(book: Book) -> None:
    model = book().model("dala")
    assert model.name == "dala"
    assert model.architecture.build == "zoo_dala.dala_resnet:build"
    assert model.plugin.startswith("dala (histozoo ")
    assert model.options == {name: option.default for name, option in model.architecture.options.items()}
    assert model.summary == model.architecture.summary


def test_a_model_in_a_users_file_is_added_to_the_builtin_ones(book: Book) -> None:
    rows = (
        "models:\n  mine:\n    architecture: dala\n    summary: my own\n    options: {gate: sigmoid}\n"
        "    preprocessing: {height: 96, fit: crop}\n"
    )
    model = book(rows).model("mine")
    assert (model.options["gate"], model.options["fusion"]) == ("sigmoid", "sum")
    assert (model.preprocessing.height, model.preprocessing.width, model.preprocessing.fit) == (96, 224, "crop")
    assert model.summary == "my own"
    assert "dala" in book(rows).names()


def test_a_model_in_a_users_file_replaces_the_builtin_one_of_that_name(book: Book) -> None:
    model = book("models:\n  dala: {architecture: dala, recipe: quick}\n").model("dala")
    assert (model.entry.recipe, model.entry.parameters) == ("quick", None)
    assert model.entry.where.endswith("0.yaml:2")


def test_a_recipe_in_a_users_file_replaces_the_builtin_one_of_that_name(book: Book) -> None:
    assert book("recipes:\n  quick: {summary: quicker, epochs: 1}\n").recipe("quick").epochs == 1


def test_a_model_in_one_users_file_may_name_a_recipe_in_another(book: Book) -> None:
    rows = "models:\n  mine: {architecture: dala, recipe: ours}\n", "recipes:\n  ours: {summary: s}\n"
    assert book(*rows).model("mine").entry.recipe == "ours"


def test_two_users_files_must_not_define_the_same_name(book: Book, tmp_path: Path) -> None:
    row = "models:\n  mine: {architecture: dala}\n"
    with pytest.raises(CatalogError) as caught:
        book(row, row)
    assert str(caught.value) == f"{tmp_path}/1.yaml:2: model 'mine' is already defined at {tmp_path}/0.yaml:2"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("architecture: dalla", "3: model 'mine': unknown architecture 'dalla'\n  did you mean dala?"),
        ("recipe: moden", "4: model 'mine': unknown recipe 'moden'\n  did you mean modern?"),
        ("paper: liu2022", "4: model 'mine': unknown paper 'liu2022'\n  did you mean liu2023?"),
        ("options: {gat: relu}", "2: unknown option of mine 'gat'\n  did you mean gate?"),
        ("options: {gate: tanh}", "2: mine: option gate must be one of relu, sigmoid, not 'tanh'"),
        ("options: {dropout: much}", "2: mine: option dropout must be a number, not 'much'"),
        ("preprocessing: {hight: 3}", "2: unknown preprocessing of mine 'hight'\n  did you mean height?"),
        ("preprocessing: {height: tall}", "2: mine: preprocessing height must be a whole number, not 'tall'"),
    ],
)
def test_a_row_with_an_invalid_value_is_an_error_with_file_and_line(
    book: Book, tmp_path: Path, key: str, said: str
) -> None:
    known = "" if key.startswith("architecture") else "    architecture: dala\n"
    with pytest.raises(CatalogError) as caught:
        book(f"models:\n  mine:\n{known}    {key}\n")
    assert str(caught.value) == f"{tmp_path}/0.yaml:{said}"


@pytest.mark.parametrize(
    ("ask", "name", "said"),
    [
        ("model", "dalla", "unknown model 'dalla'\n  did you mean dala?"),
        ("recipe", "moden", "unknown recipe 'moden'\n  did you mean modern?"),
        ("source", "breakhiss", "unknown data source 'breakhiss'\n  did you mean breakhis?"),
        ("architecture", "dalla", "unknown architecture 'dalla'\n  did you mean dala?"),
    ],
)
def test_looking_up_an_unknown_name_suggests_the_nearest(book: Book, ask: str, name: str, said: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        getattr(book(), ask)(name)
    assert str(caught.value) == said


def test_recipes_sources_architectures_and_papers_are_found_by_name(book: Book) -> None:
    found = book()
    assert found.recipe("quick").name == "quick"
    assert found.source("sample").synthetic
    assert found.architecture("dala")[1].startswith("dala (histozoo ")
    paper = found.paper("liu2023")
    assert paper is not None
    assert paper.year == 2023
    assert found.paper(None) is None


STRANGER = """
import zoo
from zoo.spec import Architecture

@zoo.hookimpl
def zoo_register_models(register):
    register(Architecture(name="bare", build="json:loads", summary="a bare network"))
    register(Architecture(name="named", build="json:loads", summary="a named network"))
"""


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Plugins]:
    """The plugin of the baselines and a module of another package."""

    def load(code: str) -> Plugins:
        (tmp_path / "stranger_module.py").write_text(code)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(__import__("sys").modules, "stranger_module", raising=False)
        info = tmp_path / "stranger-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
        stranger: Distribution = PathDistribution(info)
        loaded = Plugins()
        for name in ("baselines", "dala"):
            loaded.load(EntryPoint(name, f"zoo_{name}", "zoo"), Distribution.from_name("histozoo"))
        loaded.load(EntryPoint("stranger", "stranger_module", "zoo"), stranger)
        return loaded

    return load


ROWS = "models:\n  row: {architecture: named}\n  dala: {architecture: dala}\nrecipes:\n  modern: {summary: s}\n"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    (tmp_path / "rows.yaml").write_text(ROWS)
    return tmp_path / "rows.yaml"


def test_an_architecture_without_a_row_is_a_model_of_its_own_name(
    strangers: Callable[[str], Plugins], rows: Path
) -> None:
    found = Registry(strangers(STRANGER), rows)
    assert {"bare", "row", "dala"} <= set(found.names())
    assert "named" not in found.names()
    bare = found.model("bare")
    assert (bare.plugin, bare.summary, bare.entry.recipe) == ("stranger (stranger 1.0)", "a bare network", "modern")


def test_a_broken_plugin_removes_only_its_own_models(strangers: Callable[[str], Plugins], rows: Path) -> None:
    found = Registry(strangers("raise RuntimeError('no driver')"), rows)
    assert "row" not in found.names()
    assert "dala" in found.names()
    with pytest.raises(PluginError) as caught:
        found.model("row")
    assert "model 'row' needs the architecture 'named', which no loaded plugin registers" in str(caught.value)
    assert "stranger" in (caught.value.hint or "")
    with pytest.raises(UnknownNameError, match=r"did you mean dala\?"):
        found.model("dalla")


def test_every_builtin_row_fits_its_architecture() -> None:
    """With every plugin there, a wrong row of ours would be an error; each model's spec is whole."""
    assert not plugins().broken
    found = Registry(plugins(), builtin_file())
    for name in found.names():
        model = found.model(name)
        assert model.summary
        assert replace(model.preprocessing) == model.preprocessing
        assert found.recipe(model.entry.recipe).summary
