"""Building from a blueprint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from torch import nn

from zoo.errors import PluginError, UnknownNameError, UsageError
from zoo.registry import Blueprint, Registry, build_network, outputs_for
from zoo.spec import Architecture

Book = Callable[..., Registry]


@pytest.mark.parametrize(("classes", "head", "outputs"), [(2, "softmax", 2), (5, "softmax", 5), (2, "sigmoid", 1)])
def test_a_softmax_head_has_an_output_a_class_and_a_sigmoid_head_one(classes: int, head: str, outputs: int) -> None:
    assert outputs_for(classes, head) == outputs


@pytest.mark.parametrize(
    ("classes", "head", "said"),
    [
        (1, "softmax", "at least two classes, not 1"),
        (0, "sigmoid", "at least two"),
        (3, "sigmoid", "exactly two classes, not 3"),
    ],
)
def test_a_number_of_classes_that_a_head_does_not_support_is_refused(classes: int, head: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        outputs_for(classes, head)


@pytest.mark.parametrize(("head", "outputs"), [("softmax", 2), ("sigmoid", 1)])
def test_a_blueprint_builds_a_network_with_the_outputs_of_its_head(book: Book, head: str, outputs: int) -> None:
    small = book(f"models:\n  mine: {{architecture: small_resnet, head: {head}}}\n").model("mine")
    network = small.build(2)
    assert isinstance(network, nn.Module)
    assert [layer for layer in network.modules() if isinstance(layer, nn.Linear)][-1].out_features == outputs


def test_with_options_returns_a_changed_copy_of_the_blueprint(book: Book) -> None:
    small = book().model("resnet20")
    deeper = small.with_options({"depth": 32})
    assert (small.options["depth"], deeper.options["depth"]) == (20, 32)
    assert _count(deeper.build(2)) > _count(small.build(2)) == small.entry.parameters


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_a_misspelt_option_of_an_architecture_suggests_the_nearest(book: Book) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown option of resnet20 'dept'\n  did you mean depth\?"):
        book().model("resnet20").with_options({"dept": 32})


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Architecture]:
    """An architecture whose build function is the given code."""

    def write(code: str) -> Architecture:
        (tmp_path / "strangers_network.py").write_text(
            f"from torch import nn\n\n\ndef build(num_outputs, **options):\n    {code}\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(__import__("sys").modules, "strangers_network", raising=False)
        return Architecture(name="strange", build="strangers_network:build", summary="")

    return write


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise KeyError('gate')", "strangers_network.py:5: KeyError: 'gate'"),
        ("raise RuntimeError('no driver')", "strangers_network.py:5: RuntimeError: no driver"),
        ("nn.Linear(3)", "strangers_network.py:5: TypeError"),
        ("return nn.Linear", "returned type, not an nn.Module"),
        ("return None", "returned NoneType, not an nn.Module"),
    ],
)
def test_an_error_while_building_a_network_names_the_plugin(
    stranger: Callable[[str], Architecture], code: str, said: str
) -> None:
    with pytest.raises(PluginError) as caught:
        build_network(stranger(code), 2, {}, plugin="strange (stranger 1.0)")
    assert caught.value.where == "strange (stranger 1.0)"
    assert said in caught.value.message


def test_the_build_function_is_called_with_outputs_and_options(
    book: Book, stranger: Callable[[str], Architecture]
) -> None:
    architecture = stranger("return nn.Linear(options['width'], num_outputs)")
    model: Blueprint = replace(book().model("dala"), architecture=architecture, options={"width": 7})
    network: Any = model.build(3)
    assert SimpleNamespace(i=network.in_features, o=network.out_features) == SimpleNamespace(i=7, o=3)
