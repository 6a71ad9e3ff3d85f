"""A new plugin package, written from a template that works as it stands."""

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
    """Write the package `NAME` below `parent`; its model has the same name."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot name a package", hint="use small letters, digits and single '-' or '_'")
    model = name.replace("-", "_")
    taken = {*registry().catalog.models, *registry().plugins.models, *(p.name for p in registry().plugins.loaded)}
    if model in taken:
        raise UsageError(f"the name {model!r} is taken", hint="`zoo list` and `zoo plugins` show what there is")
    module = model if model.startswith("zoo_") else f"zoo_{model}"
    folder = parent / name
    if folder.exists():
        raise UsageError("exists already", where=str(folder), hint="choose another name or place")
    words = {"@name@": model, "@module@": module, "@dist@": module.replace("_", "-"), "@version@": __version__}
    _copy(TEMPLATE, folder, words)
    return folder


def _copy(source: Path, target: Path, words: dict[str, str]) -> None:
    """Copy a folder of the template, its marks replaced in names and in text."""
    for item in source.iterdir():
        if item.name == "__pycache__":
            continue
        name = item.name.replace("test_module", f"test_{words['@name@']}")
        place = target / (words["@module@"] if name == "module" else name)
        if item.is_dir():
            _copy(item, place, words)
        else:
            text = item.read_text(encoding="utf-8")
            for mark, word in words.items():
                text = text.replace(mark, word)
            write_text(place, text)
