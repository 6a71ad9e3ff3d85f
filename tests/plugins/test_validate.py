"""What a plugin registers is checked field by field."""

from __future__ import annotations

from typing import Any

import pytest

from zoo.errors import PluginError
from zoo.plugins.kinds import KINDS
from zoo.spec import Architecture, Option, Preprocessing, Pretrained, Source

WEIGHTS: dict[str, Any] = {"repo": "a/b", "revision": "1", "license": "mit", "data": "ImageNet-1k", "load": "a.b:load"}
CHECKS = {kind.name: kind.check for kind in KINDS}
check_architecture, check_source = CHECKS["models"], CHECKS["sources"]


def architecture(**given: Any) -> Architecture:
    return Architecture(**{"name": "net", "build": "a.model:build", "summary": "a network", **given})


def source(**given: Any) -> Source:
    return Source(**{"name": "slides", "read": "a.slides:read", "summary": "slides", **given})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"options": {"depth": Option(default=20, help="", choices=(20, 32))}},
        {"options": {"gate": Option(default=None, help="", choices=(None, "a")), "rate": Option(default=0.5, help="")}},
        {"options": {"text": Option(default="", help=""), "on": Option(default=False, help="", choices=(True, False))}},
        {"preprocessing": Preprocessing(height=64, width=64)},
        {"pretrained": (Pretrained(**WEIGHTS), Pretrained(**WEIGHTS, sha256="0"))},
        {"cam_layer": "layer4", "cam_tokens": 1},
    ],
)
def test_a_valid_architecture_is_accepted(given: dict[str, Any]) -> None:
    check_architecture(architecture(**given))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": 3}, "3 cannot be the name of an architecture"),
        ({"name": ""}, "'' cannot be the name of an architecture"),
        ({"name": "my net"}, "'my net' cannot be the name of an architecture"),
        ({"name": "../net"}, "'../net' cannot be the name of an architecture"),
        ({"build": "a.model"}, "net: build must be a string like 'package.module:function', not 'a.model'"),
        ({"build": len}, "net: build must be a string"),
        ({"summary": None}, "net: summary must be a string, not None"),
        ({"options": [1]}, "net: options must be a mapping"),
        ({"options": {"depth": 20}}, "net: options 'depth' must be a zoo.spec.Option object, not 20"),
        ({"options": {3: Option(default=1, help="")}}, "net: options must be a mapping of names"),
        ({"options": {"d": Option(default=[1], help="")}}, "net: options 'd': default must be"),  # type: ignore[arg-type]
        ({"options": {"d": Option(default=1, help=None)}}, "net: options 'd': help must be a string"),  # type: ignore[arg-type]
        ({"summary": "two\nlines"}, "net: summary must be one line of text"),
        ({"options": {"d": Option(default=20, help="", at_most=10)}}, "net: option d must be at most 10, not 20"),
        ({"options": {"d": Option(default=20, help="", choices=(4, 8))}}, "net: option d must be one of 4, 8, not 20"),
        ({"options": {"d": Option(default=4, help="", choices=(4, "auto"))}}, "option d must be a whole number, not"),
        ({"options": {"d": Option(default=None, help="", choices=("a",))}}, "net: option d must be one of a, not None"),
        ({"preprocessing": {"height": 3}}, "net: preprocessing must be a zoo.spec.Preprocessing"),
        ({"preprocessing": Preprocessing(height="3")}, "net: preprocessing: height must be a whole number"),  # type: ignore[arg-type]
        ({"preprocessing": Preprocessing(mean=(0.5, 0.5))}, "net: preprocessing: mean must be 3 numbers"),  # type: ignore[arg-type]
        ({"preprocessing": Preprocessing(fit="pad")}, "net: preprocessing: fit must be one of squash, crop"),  # type: ignore[arg-type]
        ({"pretrained": None}, "net: pretrained must be a list of zoo.spec.Pretrained objects, not None"),
        ({"pretrained": Pretrained(**WEIGHTS)}, "net: pretrained must be a list of"),
        ({"pretrained": ("timm/resnet50",)}, "net: pretrained must be a zoo.spec.Pretrained"),
        ({"pretrained": (Pretrained(**{**WEIGHTS, "revision": None}),)}, "net: pretrained: revision must be a string"),
        ({"pretrained": (Pretrained(**{**WEIGHTS, "load": "load"}),)}, "net: pretrained load must be a string like"),
        ({"cam_tokens": "1"}, "net: cam_tokens must be a whole number or none, not '1'"),
    ],
)
def test_an_architecture_with_an_invalid_field_is_refused_and_the_field_is_named(
    given: dict[str, Any], said: str
) -> None:
    with pytest.raises(PluginError) as caught:
        check_architecture(architecture(**given))
    assert said in str(caught.value)


@pytest.mark.parametrize("thing", [None, "net", Architecture, {"name": "net"}, source()])
def test_anything_but_an_architecture_is_refused(thing: object) -> None:
    with pytest.raises(PluginError, match=r"must be a zoo\.spec\.Architecture"):
        check_architecture(thing)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"read": None}, "slides: read must be a string"),
        ({"read": "read"}, "slides: read must be a string like"),
        ({"options": {"seed": 0}}, "slides: options 'seed' must be a zoo.spec.Option"),
        ({"synthetic": "no"}, "slides: synthetic must be true or false"),
        ({"license": None}, "slides: license must be a string"),
    ],
)
def test_a_source_with_an_invalid_field_is_refused_and_the_field_is_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(PluginError) as caught:
        check_source(source(**given))
    assert said in str(caught.value)


def test_a_valid_source_is_accepted() -> None:
    check_source(source(options={"seed": Option(default=0, help="")}, home="https://example.org"))
    with pytest.raises(PluginError, match=r"must be a zoo\.spec\.Source"):
        check_source(architecture())
