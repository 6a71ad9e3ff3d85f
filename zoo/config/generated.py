"""The texts that are generated from the settings: keywords for editors, docstrings, the table in the documentation.

A type checker cannot make keyword types from a dataclass, so `python -m zoo.config` writes `zoo/config/keywords.py`
and the `Args:` of `zoo.train` and `zoo.train_many` too. A test fails where they are out of date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import fill
from typing import get_args

from zoo.config.fields import Group, Setting
from zoo.config.grid_config import grid_keywords
from zoo.config.plain import plain
from zoo.config.train_config import RECIPE, keywords
from zoo.config.values import describe

PACKAGE = Path(__file__).resolve().parent.parent
DOCUMENT = PACKAGE.parent / "docs" / "training.md"
BEGIN, END = "<!-- written by python -m zoo.config -->", "<!-- end -->"
WIDTH = 120
_HEAD = '''"""The keywords of `zoo.train` and `zoo.train_many`, for editors and type checkers.

Written by `python -m zoo.config`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypedDict

from zoo.config.grid_config import On
from zoo.config.train_config import Init
from zoo.spec import Choice, Layout, Precision, Scalar
'''


def generated_files() -> list[tuple[Path, str]]:
    """Every file with a generated part, and the text that it should have."""
    train = [one for _, one in keywords().values()]
    grid = [one for keyword, one in grid_keywords().items() if keyword not in keywords()]
    files = [
        (PACKAGE / "config" / "keywords.py", keyword_types(train, grid)),
        _with_arguments(PACKAGE / "training" / "train.py", train),
        _with_arguments(PACKAGE / "grid" / "train_many.py", [*grid, *train]),
    ]
    if DOCUMENT.exists():  # beside the package in a checkout, and not where it is installed
        text = DOCUMENT.read_text(encoding="utf-8")
        table = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
        files.append((DOCUMENT, table.sub(lambda _: f"{BEGIN}\n{options_table([*train, *grid])}{END}", text)))
    return files


def keyword_types(train: Iterable[Setting], grid: Iterable[Setting]) -> str:
    """Return the module that declares the keywords as typed dictionaries."""
    return (
        f"{_HEAD}\n\n"
        f'class TrainKeywords(TypedDict, total=False):\n    """Keywords of `zoo.train`."""\n\n{_fields(train)}\n\n'
        f'class GridKeywords(TrainKeywords, total=False):\n    """Keywords of `zoo.train_many`."""\n\n{_fields(grid)}'
    )


def options_table(settings: Iterable[Setting]) -> str:
    """Return a Markdown table of all options, by group."""
    lines = []
    recipe = {keyword for keyword, (part, _) in keywords().items() if part == RECIPE}
    for group in get_args(Group):
        lines += ["", f"**{group.capitalize()}**", "", "| option | values | default | meaning |", "|---|---|---|---|"]
        for one in settings:
            if one.group == group:
                default = "the recipe's" if one.keyword in recipe else _default(one)
                allowed = f"{describe(one.hint)}{f', {one.range}' if str(one.range) else ''}"
                lines.append(f"| `{one.flags[-1]}` | {allowed} | {default} | {_escaped(one.help)} |")
    return "\n".join(lines) + "\n\n"


def _fields(settings: Iterable[Setting]) -> str:
    return "".join(f"    {one.keyword}: {_accepted(one.annotation)}\n" + _docstring(one.help) for one in settings)


def _docstring(text: str) -> str:
    line = f'    """{text}"""\n'
    if len(line) <= WIDTH + 1:
        return line
    return fill(f'"""{text}"""', WIDTH, initial_indent="    ", subsequent_indent="    ") + "\n"


def _accepted(annotation: str) -> str:
    """Return a field's annotation as a keyword's: a path may be given as text too."""
    return re.sub(r"\bPath\b", "str | Path", annotation).replace("'", '"')


def _with_arguments(path: Path, settings: Iterable[Setting]) -> tuple[Path, str]:
    """The file with the settings in the `Args:` of its first function, between two lines that stay."""
    text = path.read_text(encoding="utf-8")
    part = re.compile(r"(\n        \*\*given: [^\n]*\n)(.*?)(\n    Returns:)", re.DOTALL)
    return path, part.sub(lambda found: found[1] + "".join(_arguments(settings)) + found[3], text, count=1)


def _arguments(settings: Iterable[Setting]) -> Iterator[str]:
    for one in settings:
        text = f"{one.keyword}: {one.help}"
        yield fill(text, WIDTH, initial_indent=" " * 12, subsequent_indent=" " * 16, break_on_hyphens=False) + "\n"


def _default(one: Setting) -> str:
    value = plain(one.default)
    return "none" if value in (None, {}, []) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
