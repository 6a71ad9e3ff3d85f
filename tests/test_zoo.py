"""`import zoo` defines the public names and imports nothing else."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path

import pytest

import zoo
from tests.installed_packages import Site


def test_importing_zoo_imports_only_its_version(tmp_path: Path) -> None:
    code = "import sys, zoo; dir(zoo); zoo.__version__; print(*(name for name in sys.modules if 'zoo.' in name))"
    answer = Site(tmp_path / "site").python("-c", code)
    assert answer.status == 0, answer.err
    assert answer.out.split() == ["zoo.version"]


def test_torch_is_imported_with_the_first_name_that_needs_it(tmp_path: Path) -> None:
    code = "import sys, zoo; assert 'torch' not in sys.modules; zoo.Classifier; print('torch' in sys.modules)"
    assert Site(tmp_path / "site").python("-W", "default", "-c", code).out.strip() == "True"


@pytest.mark.parametrize("name", sorted(set(zoo.__all__) - {"__version__"}))
def test_every_public_name_can_be_imported_from_zoo(name: str) -> None:
    assert getattr(zoo, name) is getattr(import_module(zoo._HOMES[name]), name)


def test_dir_lists_only_the_public_names() -> None:
    assert dir(zoo) == sorted(zoo.__all__)


def test_an_unknown_name_of_zoo_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'zoo' has no attribute 'trian'"):
        _ = zoo.trian
    assert not hasattr(zoo, "trian")


def test_a_type_checker_sees_the_same_names_as_python() -> None:
    tree = ast.parse(Path(zoo.__file__).read_text(encoding="utf-8"))
    guard = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name: node.module for node in guard.body for alias in node.names}  # type: ignore[attr-defined]
    assert seen == zoo._HOMES
    assert {*seen, "__version__"} == set(zoo.__all__)


def test_the_version_is_that_of_the_distribution() -> None:
    assert zoo.__version__ == version("histozoo")


DOCUMENTED = [
    *(name for name in zoo.__all__ if name != "__version__"),
    *(f"Classifier.{name}" for name in ("predict", "explain", "save", "push_to_hub", "preprocess", "normalize")),
]


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_public_name_documents_each_of_its_arguments_and_has_an_example(name: str) -> None:
    thing = attrgetter(name)(zoo)
    text = inspect.getdoc(thing) or ""
    arguments = text.partition("Args:\n")[2].partition("\n\n")[0]
    documented = re.findall(r"^    \*{0,2}(\w+): ", arguments, re.MULTILINE)
    parameters = [one for one in inspect.signature(thing).parameters if one != "self"]
    assert documented == parameters
    assert "Examples:\n    >>> " in text
