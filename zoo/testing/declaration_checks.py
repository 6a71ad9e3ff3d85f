"""What a plugin says of its model before anything is built."""

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
from zoo.testing.case import Subject

HEAVY = ("torch", "torchvision", "timm", "sklearn", "scipy", "pandas", "matplotlib", "transformers", "gradio")
_LOADING = f"""
import sys
from zoo.plugins import plugins
plugins()
print(*(name for name in {HEAVY!r} if name in sys.modules))
"""
_COMMIT = re.compile(r"[0-9a-f]{40}")


def registers_without_torch(subject: Subject) -> None:
    """Registering imports neither torch nor anything else that is slow."""
    plugin = registry().plugins.owner(subject.blueprint.architecture.name)
    heavy = _imported_by_registering(plugin.name, os.pathsep.join(sys.path))
    if heavy:
        raise PluginError(
            f"registering the plugin {plugin.name} imports {', '.join(heavy)}",
            hint="register names as text (build='package.module:build') and import torch in that module",
        )


@cache
def _imported_by_registering(plugin: str, path: str) -> tuple[str, ...]:
    """The heavy libraries that loading one plugin brings into a new process."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _LOADING],
        env={**os.environ, "PYTHONPATH": path, "ZOO_PLUGINS": plugin},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PluginError(f"the plugin {plugin} does not load in a new process: {done.stderr.strip()}")
    return tuple(done.stdout.split())


def declares_sane_preprocessing(subject: Subject) -> None:
    """Sizes are positive, and mean and deviation are of pixels in 0..1."""
    seen = subject.blueprint.preprocessing
    if min(seen.height, seen.width) < 1:
        raise PluginError(f"the size cannot be {seen.height}x{seen.width}", hint="give Preprocessing(height=, width=)")
    if not all(0 <= value <= 1 for value in seen.mean) or not all(0 < value <= 1 for value in seen.std):
        raise PluginError(
            f"mean {seen.mean} and std {seen.std} are not of pixels in 0..1",
            hint="divide by 255 what was computed on 8-bit pixels",
        )


def names_its_pretrained_weights(subject: Subject) -> None:
    """Pretrained weights are pinned to a commit or a checksum, and the function that loads them exists."""
    for one in subject.blueprint.architecture.pretrained:
        import_object(one.load, plugin=subject.blueprint.plugin)
        if not _COMMIT.fullmatch(one.revision) and one.sha256 is None:
            raise PluginError(
                f"the weights of {one.repo} are not pinned: revision {one.revision!r}",
                hint="give the full commit, 40 hexadecimal digits, or the file's sha256",
            )


def options_survive_json(subject: Subject) -> None:
    """Options come back from a bundle's config.json as they were."""
    for name, value in subject.blueprint.options.items():
        back = json.loads(json.dumps(value))
        if type(back) is not type(value) or back != value:
            raise PluginError(
                f"the option {name} goes into JSON as {value!r} and comes back as {back!r}",
                hint="use plain text, numbers, true and false, or none",
            )
