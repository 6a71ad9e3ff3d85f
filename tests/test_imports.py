from __future__ import annotations

import json
from pathlib import Path

import pytest

from zoo.errors import PluginError
from zoo.imports import import_object

ORIGIN = "strange (stranger 1.0)"


def test_import_object_returns_the_named_function() -> None:
    assert import_object("json:dumps", plugin=ORIGIN) is json.dumps


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("no_such_package.model:build", "No module named 'no_such_package'"),
        ("json:no_such_function", "no_such_function"),
        ("json", "cannot be imported"),
        ("", "cannot be imported"),
        (":dumps", "cannot be imported"),
        ("json:__name__", "'json:__name__' is not a function"),
    ],
)
def test_a_function_that_cannot_be_found_is_an_error_of_its_plugin(place: str, said: str) -> None:
    with pytest.raises(PluginError) as caught:
        import_object(place, plugin=ORIGIN)
    assert caught.value.where == ORIGIN
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def build(:", "SyntaxError"),
        ("raise RuntimeError('no driver')", "RuntimeError: no driver"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
    ],
)
def test_a_module_that_fails_to_import_is_an_error_of_its_plugin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    (tmp_path / "strange_model.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError) as caught:
        import_object("strange_model:build", plugin=ORIGIN)
    assert said in caught.value.message
    assert caught.value.__cause__ is not None
