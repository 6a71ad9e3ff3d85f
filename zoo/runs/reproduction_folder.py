"""The folder of a reproduction: its configuration, the folder of each grid, the results and the report."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from zoo.config.reproduction_config import ReproductionConfig
from zoo.errors import RunError
from zoo.runs.new_folder import new_folder, not_empty
from zoo.runs.settings_file import read_settings, write_settings

RECORD, LOCK = "reproduction.yaml", ".lock"
FORMAT = 1
PARENT = Path("runs")


class ReproductionFolder:
    """The folder of one reproduction."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def for_config(cls, config: ReproductionConfig) -> ReproductionFolder:
        """Return the folder of an earlier reproduction with this configuration, or make a new one.

        Without `out`, it is the last of `runs/reproduce-PAPER-N` with the same configuration, or the next free one.
        """
        out = config.session.out
        if out is not None and is_reproduction(out):
            folder = cls(out)
            if not _is_same(folder.config, config):
                raise not_empty(out)
            return folder
        if out is None and (found := _find(config)) is not None:
            return found
        folder = cls(new_folder(f"reproduce-{config.paper}", out))
        folder.write(config)
        return folder

    @classmethod
    def open(cls, path: str | Path) -> ReproductionFolder:
        """Return the reproduction in an existing folder."""
        if not is_reproduction(Path(path)):
            raise RunError(f"there is no {RECORD}, so this is not the folder of a reproduction", where=str(path))
        return cls(Path(path))

    @property
    def config(self) -> ReproductionConfig:
        """The configuration in reproduction.yaml."""
        return read_settings(self.path / RECORD, ReproductionConfig, format=FORMAT, of="reproduction")

    def write(self, config: ReproductionConfig) -> None:
        """Write a configuration to reproduction.yaml."""
        without = replace(config, session=replace(config.session, out=None))
        write_settings(self.path / RECORD, without, format=FORMAT)

    def __str__(self) -> str:
        return os.fspath(self.path)


def is_reproduction(path: Path) -> bool:
    """Whether a folder is that of a reproduction."""
    return (path / RECORD).is_file()


def _find(config: ReproductionConfig) -> ReproductionFolder | None:
    """Return the last folder of a reproduction with the same configuration and data, if there is one."""
    numbered = {
        int(match[1]): path
        for path in PARENT.glob(f"reproduce-{config.paper}-*")
        if (match := re.fullmatch(r".*-(\d+)", path.name)) and is_reproduction(path)
    }
    for _, path in sorted(numbered.items(), reverse=True):
        folder = ReproductionFolder(path)
        try:
            if _is_same(folder.config, config):
                return folder
        except RunError:  # of another version, or damaged: not the one to continue
            continue
    return None


def _is_same(one: ReproductionConfig, other: ReproductionConfig) -> bool:
    """Whether two configurations have the same results, on data at the same path."""
    return one.fixed == other.fixed and one.data.root == other.data.root
