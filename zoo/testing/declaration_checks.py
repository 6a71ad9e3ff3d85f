"""Checks of what a plugin declares, before a network is built."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache

from zoo.errors import PluginError
from zoo.imports import import_object
from zoo.registry import registry
from zoo.testing.case import Case

HEAVY = ("torch", "torchvision", "timm", "sklearn", "scipy", "pandas", "matplotlib", "transformers", "gradio")
_LOAD_PLUGINS = f"""
import sys
from zoo.plugins import plugins
plugins()
print(*(name for name in {HEAVY!r} if name in sys.modules))
"""
_COMMIT = re.compile(r"[0-9a-f]{40}")


def registers_without_torch(case: Case) -> None:
    """Registering the plugin imports neither torch nor another slow library."""
    check_light(registry().plugins.owner(case.blueprint.architecture.name).name)


def check_light(plugin: str) -> None:
    """Raise a PluginError if registering a plugin imports a slow library."""
    heavy = _imported_by_registering(plugin, os.pathsep.join(sys.path))
    if heavy:
        raise PluginError(
            f"registering the plugin {plugin} imports {', '.join(heavy)}",
            hint="register functions by name (build='package.module:build') and import torch in that module",
        )


@cache
def _imported_by_registering(plugin: str, path: str) -> tuple[str, ...]:
    """Return the slow libraries that are imported when one plugin is loaded in a new process."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _LOAD_PLUGINS],
        env={**os.environ, "PYTHONPATH": path, "ZOO_PLUGINS": plugin},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PluginError(f"the plugin {plugin} cannot be loaded in a new process: {done.stderr.strip()}")
    return tuple(done.stdout.split())


def declares_valid_preprocessing(case: Case) -> None:
    """The image size is positive, and mean and standard deviation are for pixels in 0..1."""
    declared = case.blueprint.preprocessing
    if min(declared.height, declared.width) < 1:
        raise PluginError(
            f"images cannot have a size of {declared.height}x{declared.width}",
            hint="set Preprocessing(height=..., width=...)",
        )
    if not all(0 <= value <= 1 for value in declared.mean) or not all(0 < value <= 1 for value in declared.std):
        raise PluginError(
            f"mean {declared.mean} and std {declared.std} are not for pixels in 0..1",
            hint="divide them by 255 if they were computed from 8-bit pixels",
        )


def pins_pretrained_weights(case: Case) -> None:
    """Pretrained weights are pinned to a commit or a checksum, and the function that loads them exists."""
    for source in case.blueprint.architecture.pretrained:
        import_object(source.load, plugin=case.blueprint.plugin)
        if not _COMMIT.fullmatch(source.revision) and source.sha256 is None:
            raise PluginError(
                f"the weights of {source.repo} are not pinned: revision {source.revision!r}",
                hint="give the full commit, 40 hexadecimal digits, or the file's sha256",
            )


def options_survive_json(case: Case) -> None:
    """Options are the same after they were written to config.json and read again."""
    for name, value in case.blueprint.options.items():
        loaded = json.loads(json.dumps(value))
        if type(loaded) is not type(value) or loaded != value:
            raise PluginError(
                f"option {name} is written to JSON as {value!r} and read as {loaded!r}",
                hint="use text, numbers, true, false or none",
            )
