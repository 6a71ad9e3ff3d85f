"""`zoo new-plugin`: a new plugin package, copied from a template that works without changes."""

from __future__ import annotations

import re
from pathlib import Path

from zoo.errors import UsageError
from zoo.files import write_text
from zoo.registry import registry
from zoo.version import __version__

TEMPLATE = Path(__file__).with_name("templates") / "plugin"
_NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")


def new_plugin(name: str, *, parent: Path) -> Path:
    """Create a plugin package.

    Args:
        name: The name of the package and its folder. The model's name is the same, with underscores for dashes.
        parent: The folder in which the package's folder is created.

    Returns:
        The package's folder.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of a package",
            hint="begin with a letter, and use a-z, 0-9 and single '-' or '_'",
        )
    model = name.replace("-", "_")
    taken = {*registry().catalog.models, *registry().plugins.models, *(p.name for p in registry().plugins.loaded)}
    if model in taken:
        raise UsageError(f"the name {model!r} is already used", hint="`zoo list` and `zoo plugins` show all names")
    module = model if model.startswith("zoo_") else f"zoo_{model}"
    folder = parent / name
    if folder.exists():
        raise UsageError("already exists", where=str(folder), hint="choose another name or folder")
    values = {"@name@": model, "@module@": module, "@dist@": module.replace("_", "-"), "@version@": __version__}
    _copy(TEMPLATE, folder, values)
    return folder


def _copy(source: Path, target: Path, values: dict[str, str]) -> None:
    """Copy a folder of the template and replace placeholders such as @name@ in file names and text."""
    for item in source.iterdir():
        if item.name == "__pycache__":
            continue
        name = item.name.replace("test_module", f"test_{values['@name@']}")
        copy = target / (values["@module@"] if name == "module" else name)
        if item.is_dir():
            _copy(item, copy, values)
        else:
            text = item.read_text(encoding="utf-8")
            for placeholder, value in values.items():
                text = text.replace(placeholder, value)
            write_text(copy, text)
