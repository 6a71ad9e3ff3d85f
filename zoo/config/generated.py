"""Text generated from the settings: keywords for editors, docstrings, and the table of options in the documentation.

A type checker cannot make keyword types from a dataclass, so `python -m zoo.config` writes `zoo/config/keywords.py`
and the `Args:` of `zoo.train`, `zoo.train_many` and `zoo.reproduce` too. A test fails where they are out of date.
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
from zoo.config.reproduction_config import reproduction_keywords
from zoo.config.train_config import RECIPE, keywords
from zoo.config.values import describe

PACKAGE = Path(__file__).resolve().parent.parent
DOCUMENT = PACKAGE.parent / "docs" / "training.md"
BEGIN, END = "<!-- written by python -m zoo.config -->", "<!-- end -->"
WIDTH = 120
_HEAD = '''"""The keywords of `zoo.train`, `zoo.train_many` and `zoo.reproduce`, for editors and type checkers.

Written by `python -m zoo.config`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypedDict

from zoo.config.grid_config import On
from zoo.config.reproduction_config import Budget
from zoo.spec import Choice, Layout, Precision, Scalar
'''


def generated_files() -> list[tuple[Path, str]]:
    """Return every file with a generated part, and the text that it should have."""
    train = [setting for _, setting in keywords().values()]
    grid = [setting for keyword, setting in grid_keywords().items() if keyword not in keywords()]
    reproduction = list(reproduction_keywords().values())
    files = [
        (PACKAGE / "config" / "keywords.py", keyword_types(train, grid, reproduction)),
        _with_arguments(PACKAGE / "training" / "train.py", train),
        _with_arguments(PACKAGE / "grid" / "train_many.py", grid),
        _with_arguments(PACKAGE / "reproduction" / "reproduce.py", reproduction),
    ]
    if DOCUMENT.exists():  # only in a checkout, not in an installed package
        text = DOCUMENT.read_text(encoding="utf-8")
        table = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
        files.append((DOCUMENT, table.sub(lambda _: f"{BEGIN}\n{options_table([*train, *grid])}{END}", text)))
    return files


def keyword_types(train: Iterable[Setting], grid: Iterable[Setting], reproduction: Iterable[Setting]) -> str:
    """Return the module that declares the keywords as typed dictionaries."""
    classes = (
        ("TrainKeywords(TypedDict", "train", train),
        ("GridKeywords(TrainKeywords", "train_many", grid),
        ("ReproductionKeywords(TypedDict", "reproduce", reproduction),
    )
    parts = [
        f'class {name}, total=False):\n    """Keywords of `zoo.{function}`."""\n\n{_fields(settings)}'
        for name, function, settings in classes
    ]
    return "\n\n".join([_HEAD, *parts])


def options_table(settings: Iterable[Setting]) -> str:
    """Return a Markdown table of all options, by group."""
    lines = []
    recipe = {keyword for keyword, (part, _) in keywords().items() if part == RECIPE}
    for group in get_args(Group):
        lines += ["", f"**{group.capitalize()}**", "", "| option | values | default | meaning |", "|---|---|---|---|"]
        for setting in settings:
            if setting.group == group:
                default = "the recipe's" if setting.keyword in recipe else _default(setting)
                allowed = f"{describe(setting.hint)}{f', {setting.range}' if str(setting.range) else ''}"
                lines.append(f"| `{setting.flags[-1]}` | {allowed} | {default} | {_escaped(setting.help)} |")
    return "\n".join(lines) + "\n\n"


def _fields(settings: Iterable[Setting]) -> str:
    return "".join(
        f"    {setting.keyword}: {_accepted(setting.annotation)}\n" + _docstring(setting.help) for setting in settings
    )


def _docstring(text: str) -> str:
    line = f'    """{text}"""\n'
    if len(line) <= WIDTH + 1:
        return line
    return fill(f'"""{text}"""', WIDTH, initial_indent="    ", subsequent_indent="    ") + "\n"


def _accepted(annotation: str) -> str:
    """Return a field's annotation as a keyword's: a path may also be a string."""
    return re.sub(r"(?<!str \| )\bPath\b", "str | Path", annotation).replace("'", '"')


def _with_arguments(path: Path, settings: Iterable[Setting]) -> tuple[Path, str]:
    """Return a file and its text with the settings in the `Args:` of its first function, up to `Returns:`."""
    text = path.read_text(encoding="utf-8")
    part = re.compile(r"(\n        \*\*given: [^\n]*\n)(.*?)(\n    Returns:)", re.DOTALL)
    return path, part.sub(lambda match: match[1] + "".join(_arguments(settings)) + match[3], text, count=1)


def _arguments(settings: Iterable[Setting]) -> Iterator[str]:
    for setting in settings:
        text = f"{setting.keyword}: {setting.help}"
        yield fill(text, WIDTH, initial_indent=" " * 12, subsequent_indent=" " * 16, break_on_hyphens=False) + "\n"


def _default(setting: Setting) -> str:
    value = plain(setting.default)
    return "none" if value in (None, {}, []) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
