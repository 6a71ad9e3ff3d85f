"""The front door: `import zoo` names everything and imports nothing."""

from __future__ import annotations

import ast
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

import zoo
from tests.strangers import Site


def test_importing_costs_nothing(tmp_path: Path) -> None:
    code = "import sys, zoo; dir(zoo); zoo.__version__; print(*(name for name in sys.modules if 'zoo.' in name))"
    answer = Site(tmp_path / "site").python("-c", code)
    assert answer.status == 0, answer.err
    assert answer.out.split() == ["zoo.version"]


def test_torch_arrives_when_something_needs_it(tmp_path: Path) -> None:
    code = "import sys, zoo; assert 'torch' not in sys.modules; zoo.Classifier; print('torch' in sys.modules)"
    assert Site(tmp_path / "site").python("-W", "default", "-c", code).out.strip() == "True"


@pytest.mark.parametrize("name", sorted(set(zoo.__all__) - {"__version__"}))
def test_every_name_is_there(name: str) -> None:
    assert getattr(zoo, name) is getattr(import_module(zoo._HOMES[name]), name)


def test_dir_shows_the_public_names_alone() -> None:
    assert dir(zoo) == sorted(zoo.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'zoo' has no attribute 'trian'"):
        _ = zoo.trian
    assert not hasattr(zoo, "trian")


def test_a_type_checker_sees_what_there_is() -> None:
    tree = ast.parse(Path(zoo.__file__).read_text(encoding="utf-8"))
    guard = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name: node.module for node in guard.body for alias in node.names}  # type: ignore[attr-defined]
    assert seen == zoo._HOMES
    assert {*seen, "__version__"} == set(zoo.__all__)


def test_the_version_is_the_distributions() -> None:
    assert zoo.__version__ == version("histozoo")
