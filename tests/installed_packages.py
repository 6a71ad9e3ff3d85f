"""Third-party packages, installed as pip does, and the `zoo` command run with them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.warm_python import WarmPython
from zoo.plugins import plugins
from zoo.registry import registry

OURS = ("ZOO_REGISTRY", "ZOO_PLUGINS", "ZOO_TRACE_PLUGINS", "ZOO_CACHE")


def _forget() -> None:
    """Forget which plugins are installed."""
    plugins.cache_clear()
    registry.cache_clear()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The output and the exit status of a command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Site:
    """A folder of installed packages."""

    folder: Path

    def install(
        self,
        name: str,
        code: str = "",
        *,
        point: str | None = None,
        value: str | None = None,
        requires: Iterable[str] = (),
        registry: str | None = None,
    ) -> None:
        """Install one package: a module, its registry.yaml if it has one, and its metadata."""
        module = name.replace("-", "_")
        info = self.folder / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        needs = "".join(f"Requires-Dist: {text}\n" for text in requires)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}", encoding="utf-8")
        points = f"[zoo]\n{point or module} = {value or module}\n"
        (info / "entry_points.txt").write_text(points, encoding="utf-8")
        package = self.folder / module
        package.mkdir()
        (package / "__init__.py").write_text(dedent(code), encoding="utf-8")
        if registry is not None:
            (package / "registry.yaml").write_text(dedent(registry), encoding="utf-8")

    @contextmanager
    def in_this_process(self) -> Iterator[None]:
        """Install the packages in this process too, inside the block."""
        sys.path.insert(0, str(self.folder))
        _forget()
        try:
            yield
        finally:
            sys.path.remove(str(self.folder))
            _forget()
            mine = {path.name for path in self.folder.iterdir()}
            for name in [name for name in sys.modules if name.partition(".")[0] in mine]:
                del sys.modules[name]

    def zoo(self, *words: str, env: Mapping[str, str] | None = None, python: WarmPython | None = None) -> Answer:
        """Run the `zoo` command with these packages installed, if wanted by a Python that has imported slow ones."""
        return self.python("-m", "zoo", *words, env=env, python=python)

    def python(self, *words: str, env: Mapping[str, str] | None = None, python: WarmPython | None = None) -> Answer:
        """Run Python with these packages installed, if wanted one that has imported slow ones."""
        self.folder.mkdir(parents=True, exist_ok=True)
        clean = {name: value for name, value in os.environ.items() if name not in OURS}
        path = os.pathsep.join(filter(None, [str(self.folder), os.environ.get("PYTHONPATH")]))
        there = {"PYTHONPATH": path, "PYTHONWARNINGS": "error", "ZOO_CACHE": str(self.folder / "cache")}
        env = {**clean, **there, **(env or {})}
        if python is not None:
            done = python.run(words, folder=self.folder, env=env)
        else:
            command = [sys.executable, *words]
            done = subprocess.run(
                command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=60, check=False
            )
        return Answer(status=done.returncode, out=done.stdout, err=done.stderr)
