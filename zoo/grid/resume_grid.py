"""Whether a grid may go on with what it is told now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zoo.errors import RunError
from zoo.grid.grid_folder import YAML, Folder
from zoo.grid.train_options import plain_options


def check_given(folder: Folder, given: Mapping[str, Any]) -> None:
    """Options that are given once more must be the grid's own."""
    config = folder.config
    known: dict[str, Any] = {"folds": config.folds, **config.options}
    known |= {"models": list(config.models), "seed": config.seed, "seeds": config.seeds}
    own = {name: value for name, value in given.items() if name in ("models", "seed", "seeds")}
    again = plain_options({name: value for name, value in given.items() if name not in own}) | own
    changed = []
    if str(again.get("recipe") or "").endswith(YAML):
        file = Path(again["recipe"])
        again["recipe"] = file.name
        if _differs(file, folder.path / file.name):
            changed.append(f"\n  recipe: {file} has changed")
    changed += [
        f"\n  {name}: {known.get(name, 'not given')!r} then, {value!r} now"
        for name, value in again.items()
        if _text(known.get(name, "not given")) != _text(value)
    ]
    if changed:
        raise RunError(
            f"cannot be gone on with: it was begun with other options{''.join(changed)}",
            where=str(folder),
            hint="begin a new grid with `zoo train`; what the runs of one table were told must be the same",
        )


def _differs(file: Path, kept: Path) -> bool:
    """Whether a recipe's file is another than the copy that the grid keeps."""
    try:
        return kept.is_file() and file.read_bytes() != kept.read_bytes()
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror}", where=str(file)) from error


def _text(value: Any) -> Any:
    """A command line knows the data's options as texts only."""
    return {key: str(each) for key, each in value.items()} if isinstance(value, Mapping) else value
