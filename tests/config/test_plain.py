from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from zoo.config.plain import from_plain, plain


@dataclass(frozen=True)
class Inner:
    number: int
    pair: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner
    path: Path | None = None
    maybe: Inner | None = None
    words: Mapping[str, str] | None = None
    anything: Any = None


WHOLE = Outer(name="x", inner=Inner(3, (1.0, 2.0)), path=Path("a/b"), maybe=Inner(4), words={"a": "b"}, anything=[1])
DOCUMENT = {
    "name": "x",
    "inner": {"number": 3, "pair": [1.0, 2.0]},
    "path": "a/b",
    "maybe": {"number": 4, "pair": [0.0, 1.0]},
    "words": {"a": "b"},
    "anything": [1],
}


def test_nested_dataclasses_become_plain_values_and_come_back() -> None:
    assert plain(WHOLE) == DOCUMENT
    assert from_plain(Outer, DOCUMENT) == WHOLE


def test_fields_with_defaults_may_be_missing() -> None:
    assert from_plain(Outer, {"name": "x", "inner": {"number": 3}}) == Outer(name="x", inner=Inner(3))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": 3}, "name must be a text, not 3"),
        ({"inner": {"number": "3"}}, "inner.number must be a whole number, not '3'"),
        ({"inner": {}}, "the key 'inner.number' is missing"),
        ({"inner": {"number": 3, "nmber": 3}}, "unknown key 'inner.nmber'"),
        ({"inner": []}, "inner must be a mapping of names to values, not []"),
        ({"inner": None}, "inner must be a mapping of names to values, not None"),
        ({"maybe": {"number": True}}, "maybe.number must be a whole number, not True"),
        ({"other": 1}, "unknown key 'other'"),
    ],
)
def test_a_value_that_is_missing_unknown_or_wrong_is_named_by_its_key(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        from_plain(Outer, {**DOCUMENT, **change})
    assert str(caught.value) == said


def test_a_document_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(ValueError, match="the document must be a mapping"):
        from_plain(Outer, [1])
