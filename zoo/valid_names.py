"""The rules for names: of models, architectures, recipes, papers, data sources and plugins; of packages and versions.

A name is typed on the command line and is a part of the names of files, so it cannot be a path, an option or a pattern.
"""

from __future__ import annotations

import re

from zoo.text import quoted

MAX_LENGTH = 100
_NAME = re.compile(rf"[A-Za-z0-9][\w.-]{{0,{MAX_LENGTH - 1}}}", re.ASCII)
_PACKAGE = re.compile(rf"[A-Za-z0-9]([\w.-]{{0,{MAX_LENGTH - 2}}}[A-Za-z0-9])?", re.ASCII)
_VERSION = re.compile(rf"[A-Za-z0-9][\w.+!-]{{0,{MAX_LENGTH - 1}}}", re.ASCII)


def is_name(name: object) -> bool:
    """Return whether an object can be a name."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def is_package(name: str) -> bool:
    """Return whether a text can be the name of a Python package, as it is typed after `pip install`."""
    return _PACKAGE.fullmatch(name) is not None


def is_version(text: str) -> bool:
    """Return whether a text can be the version of a Python package."""
    return _VERSION.fullmatch(text) is not None


def name_error(kind: str, name: object) -> str:
    """Return the message for something that cannot be the name of a model, a recipe or the like."""
    return (
        f"{quoted(name)} cannot be the name of {'an' if kind[0] in 'aeiou' else 'a'} {kind}: a name has at most "
        f"{MAX_LENGTH} letters, digits, '_', '.' and '-', and begins with a letter or a digit"
    )
